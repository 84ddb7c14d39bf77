/**
 * `mig`: the investigator's command line. Its first word is a command or the name of a module; this file finds which,
 * and turns whatever goes wrong into one sentence and an exit status: 0 done, 1 failed, 2 wrongly used.
 */
import { closest, InvalidParameters } from '@mig/module';
import { available } from '@mig/modules';
import type { Command } from './commands/command.ts';
import { helpOn } from './commands/help-pages.ts';
import { commands } from './commands/list.ts';
import { runModuleCommand } from './commands/module.ts';
import { readWords } from './commands/read-words.ts';
import { createContext } from './context.ts';
import { explain } from './explain.ts';
import { Misuse } from './misuse.ts';
import { standardTerminal } from './terminal/terminal.ts';

export async function main(given: readonly string[]): Promise<number> {
  const terminal = standardTerminal();
  try {
    const { words, context } = createContext(given, process.env, terminal);
    const [word = 'help', ...rest] = words;
    const name = word.replace(/^--?/, '');
    const command = commands.find((candidate) => candidate.names.includes(word.startsWith('-') ? `-${name}` : name));
    const module = available.find(word);
    const isBoth = command !== undefined && module !== undefined;
    if (command !== undefined && !(isBoth && isForModule(command, rest))) {
      if (!isHelp(rest, command) || command.help === undefined) {
        // Before anything is connected, or asked of somebody who has no configuration yet.
        if (command.options !== undefined) readWords(command.names[0]!, rest, command.options);
        return await command.run(rest, terminal, context);
      }
      for (const line of helpOn(command.names[0]!)) terminal.print(line);
      return 0;
    }
    if (module !== undefined) return await runModuleCommand(module, rest, terminal, context);
    throw new Misuse(unknown(word));
  } catch (error) {
    if (error instanceof Misuse || error instanceof InvalidParameters) {
      terminal.complain(`mig: ${error.message}`);
      return 2;
    }
    for (const line of explain(error)) terminal.complain(`mig: ${line}`);
    return 1;
  }
}

/** Of a name that a command and a module share: the command has the words that it offers, and the help; the rest is the module's. */
function isForModule(command: Command, rest: readonly string[]): boolean {
  return rest.length > 0 && !isHelp(rest, command) && !(command.words ?? []).includes(rest[0]!);
}

/** `mig token help`, and `mig token create help` as well. */
function isHelp(words: readonly string[], { words: known = [] }: Command): boolean {
  if (!/^(-{1,2}help|help|-h)$/.test(words.at(-1) ?? '')) return false;
  return words.length === 1 || (words.length === 2 && !words[0]!.startsWith('-') && known.includes(words[0]!));
}

function unknown(word: string): string {
  const known = [...available.modules.map(({ name }) => name), ...commands.flatMap(({ names }) => names)];
  const near = closest(word, known);
  const hint = near === undefined ? 'mig help lists what there is' : `did you mean ${near}?`;
  return `'${word}' is neither a module nor a command: ${hint}`;
}
