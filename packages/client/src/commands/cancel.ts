/** `mig cancel ID`: stops an action. */
import { cancelAction } from '@mig/api';
import { findActionId, requireActionId } from '../fleet/find-action.ts';
import { summaryLine } from '../fleet/progress.ts';
import type { Command } from './command.ts';
import { oneWord, readWords } from './read-words.ts';
import { withPlatform } from './with-platform.ts';

const kinds = { reason: 'value' } as const;

export const cancel: Command = {
  names: ['cancel'],
  usage: 'mig cancel ID [-reason TEXT]',
  summary: 'Stops an action: who runs it is told to stop, the others never get it.',
  options: kinds,
  help: ['mig cancel ID [-reason TEXT]', '', 'Examples:', "  mig cancel 0194 -reason 'wrong target'"],
  async run(words, terminal, context) {
    const { options, others } = readWords('cancel', words, kinds);
    const wanted = requireActionId(oneWord('cancel', others, "an action's id"));
    return withPlatform(context, async (platform) => {
      const id = await findActionId(platform, wanted, context.hints);
      const body = options.reason === undefined ? {} : { reason: options.reason };
      const action = await platform.call(cancelAction, { params: { id }, body });
      const { sent } = action.counters;
      terminal.remark(`${id} is ${action.status}: ${summaryLine(action.counters)}`);
      if (sent > 0) {
        const them = sent === 1 ? '1 agent has it and is' : `${sent} agents have it and are`;
        terminal.remark(`${them} told to stop: ${context.hints.follow(id)} shows what they answer`);
      }
      return 0;
    });
  },
};
