/** The commands of `mig` and its modules as orders: what is known from the shell can be typed in the console. */
import { flagsOf } from '@mig/module';
import { available } from '@mig/modules';
import { actions } from '../../commands/actions.ts';
import { agents } from '../../commands/agents.ts';
import { apiKey } from '../../commands/api-key.ts';
import { audit } from '../../commands/audit.ts';
import { cancel } from '../../commands/cancel.ts';
import { type Command, completionsOf } from '../../commands/command.ts';
import { investigators } from '../../commands/investigators.ts';
import { macros } from '../../commands/macros.ts';
import { runModuleCommand } from '../../commands/module.ts';
import { moduleOptions } from '../../commands/module-words.ts';
import { modules } from '../../commands/modules.ts';
import { results } from '../../commands/results.ts';
import { token } from '../../commands/token.ts';
import { Misuse } from '../../misuse.ts';
import { splitWords } from '../input/words.ts';
import type { Order } from '../mode.ts';

export const ordersFromCommands: readonly Order[] = [
  ...[actions, agents, results, cancel, investigators, apiKey, token, audit, modules].map((command) =>
    orderOf(command),
  ),
  // A target is taken as it was typed, with its quotes.
  orderOf(macros, (rest) => /^(\S+)(?:\s+(\S+)(?:\s+(.*))?)?$/s.exec(rest)?.slice(1).filter(Boolean) ?? []),
  ...available.modules.map(
    (module): Order => ({
      names: [module.name],
      group: 'Modules, with -t TARGET and their flags, as in a shell',
      usage: `${module.name} -t TARGET …`,
      summary: module.summary,
      help: [`help ${module.name} shows its parameters`],
      complete: () =>
        [...Object.keys(moduleOptions), ...flagsOf(module).map(({ name }) => name)].map((name) => `-${name}`),
      async run(rest, { terminal, context }) {
        const words = splitWords(rest);
        if (words.includes('prompt')) throw new Misuse(`action new, then add ${module.name}, asks for the parameters`);
        await runModuleCommand(module, words, terminal, context);
      },
    }),
  ),
];

/** What goes on until it is stopped is printed as it comes. */
function isFollowing(word: string): boolean {
  return /^--?f(ollow)?$/.test(word);
}

function orderOf(command: Command, split: (rest: string) => readonly string[] = splitWords): Order {
  const { names, usage, summary, help = [], run } = command;
  return {
    names,
    group: 'As after mig in a shell',
    usage: usage.replace(/^mig /, ''),
    summary,
    help: help.map((line) => line.replace(/\bmig (?=[a-z])/, '')),
    complete: () => completionsOf(command),
    async run(rest, session) {
      const given = split(rest);
      if (given.some(isFollowing)) {
        await run(given, session.terminal, session.context);
        return;
      }
      const lines: string[] = [];
      const terminal = { ...session.terminal, print: (line: string) => void lines.push(line) };
      // Remarks come behind the answer, as in a shell.
      const remarks: string[] = [];
      await run(given, { ...terminal, remark: (line) => void remarks.push(line) }, session.context);
      await session.page(lines);
      for (const remark of remarks) session.terminal.remark(remark);
    },
  };
}
