/**
 * `mig`: the investigator's command line. Its first word is a command or the name of a module; this file finds which,
 * and turns whatever goes wrong into one sentence and an exit status: 0 done, 1 failed, 2 wrongly used.
 */
import { closest, InvalidParameters } from '@mig/module';
import { available } from '@mig/modules';
import { commands } from './commands/list.ts';
import { runModuleCommand } from './commands/module.ts';
import { Misuse } from './misuse.ts';
import { standardTerminal } from './terminal/terminal.ts';

export async function main(words: readonly string[]): Promise<number> {
  const terminal = standardTerminal();
  const [word = 'help', ...rest] = words;
  try {
    const name = word.replace(/^--?/, '');
    const command = commands.find((candidate) => candidate.names.includes(word.startsWith('-') ? `-${name}` : name));
    if (command !== undefined) return await command.run(rest, terminal);
    const module = available.find(word);
    if (module !== undefined) return await runModuleCommand(module, rest, terminal);
    throw new Misuse(unknown(word));
  } catch (error) {
    if (error instanceof Misuse || error instanceof InvalidParameters) {
      terminal.complain(`mig: ${error.message}`);
      return 2;
    }
    terminal.complain(`mig: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

function unknown(word: string): string {
  const known = [...available.modules.map(({ name }) => name), ...commands.flatMap(({ names }) => names)];
  const near = closest(word, known);
  const hint = near === undefined ? 'mig help lists what there is' : `did you mean ${near}?`;
  return `'${word}' is neither a module nor a command: ${hint}`;
}
