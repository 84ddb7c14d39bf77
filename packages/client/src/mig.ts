/**
 * `mig`: the investigator's command line. Its first word is a command or the name of a module; this file finds which,
 * and turns whatever goes wrong into one sentence and an exit status: 0 done, 1 failed, 2 wrongly used.
 */
import { closest, InvalidParameters } from '@mig/module';
import { available } from '@mig/modules';
import { commands } from './commands/list.ts';
import { runModuleCommand } from './commands/module.ts';
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
    if (command !== undefined) {
      if (!isHelp(rest) || command.help === undefined) return await command.run(rest, terminal, context);
      for (const line of [command.summary, '', ...command.help]) terminal.print(line);
      return 0;
    }
    const module = available.find(word);
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

function isHelp(words: readonly string[]): boolean {
  return words.length === 1 && /^(-{1,2}help|help|-h)$/.test(words[0]!);
}

function unknown(word: string): string {
  const known = [...available.modules.map(({ name }) => name), ...commands.flatMap(({ names }) => names)];
  const near = closest(word, known);
  const hint = near === undefined ? 'mig help lists what there is' : `did you mean ${near}?`;
  return `'${word}' is neither a module nor a command: ${hint}`;
}
