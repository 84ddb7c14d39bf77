/** `mig <module> …`: asks a module, here or on the fleet, and prints what it answers. */
import { readFileSync } from 'node:fs';
import { type AnyModule, helpLines, isPersistent } from '@mig/module';
import { launchDraft } from '../fleet/launch.ts';
import { screenWidth } from '../fleet/table.ts';
import { askLocally } from '../local/ask-locally.ts';
import { promptAtTerminal } from '../local/prompt-at-terminal.ts';
import { Misuse } from '../misuse.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Context } from './command.ts';
import { splitWords } from './module-words.ts';
import { readFlags } from './read-flags.ts';

/** Runs `mig <module.name> <words>`; gives the exit status. */
export async function runModuleCommand(
  module: AnyModule,
  words: readonly string[],
  terminal: Terminal,
  context: Context,
): Promise<number> {
  if (words.length === 1 && /^(-{0,2}help|-h)$/.test(words[0]!)) {
    for (const line of helpLines(module, '-', screenWidth())) terminal.print(line);
    return 0;
  }
  const { options, flags } = splitWords(module, words);
  const { target } = options;
  if (target === undefined) {
    throw new Misuse(
      'expected -t local for this machine, or -t with a condition or a macro such as online, got no target',
    );
  }
  if (options.stateDirectory !== undefined && !(target === 'local' && isPersistent(module))) {
    throw new Misuse('-state-dir: expected with -t local, and a module that stays with an agent');
  }
  const parameters =
    flags[0] === 'prompt'
      ? await promptAtTerminal(module)
      : readFlags(module, flags, (path) => readFileSync(path, 'utf8'), terminal.remark);
  if (parameters === undefined) return 1;
  if (target === 'local') return askLocally(module, parameters, options, terminal);
  const operations = [{ module: module.name, parameters: parameters as Readonly<Record<string, unknown>> }];
  const asked = flags[0] === 'prompt' ? JSON.stringify(parameters) : flags.join(' ');
  const name = `${module.name} ${asked}`.trim().slice(0, 255);
  return launchDraft({ name, target, operations }, options, terminal, context);
}
