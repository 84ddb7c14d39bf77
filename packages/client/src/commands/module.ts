/** `mig <module> …`: asks a module, and prints what it answers. */
import { readFileSync } from 'node:fs';
import { type AnyModule, helpLines, parseFlags } from '@mig/module';
import { askLocally } from '../local/ask-locally.ts';
import { promptAtTerminal } from '../local/prompt-at-terminal.ts';
import { Misuse } from '../misuse.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { splitWords } from './module-words.ts';

/** Runs `mig <module.name> <words>`; gives the exit status. */
export async function runModuleCommand(
  module: AnyModule,
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  if (words.length === 1 && /^(-{0,2}help|-h)$/.test(words[0]!)) {
    for (const line of helpLines(module)) terminal.print(line);
    return 0;
  }
  const { options, flags } = splitWords(module, words);
  if (options.target !== 'local') {
    const got = options.target === undefined ? 'no target' : `the target '${options.target}'`;
    throw new Misuse(`expected -t local, the only target without a platform, got ${got}`);
  }
  const parameters =
    flags[0] === 'prompt'
      ? await promptAtTerminal(module)
      : parseFlags(module, flags, (path) => readFileSync(path, 'utf8'));
  if (parameters === undefined) return 1;
  return askLocally(module, parameters, options, terminal);
}
