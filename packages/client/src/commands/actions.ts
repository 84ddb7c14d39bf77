/** `mig actions`: what was launched. */
import { ActionStatus, listActions } from '@mig/api';
import { actionHeadings, actionRow } from '../fleet/list-rows.ts';
import { tableLines } from '../fleet/table.ts';
import { Misuse } from '../misuse.ts';
import type { Command } from './command.ts';
import { noWords, readCount, readWords } from './read-words.ts';
import { withPlatform } from './with-platform.ts';

const kinds = { status: 'value', name: 'value', by: 'value', n: 'value', json: 'switch' } as const;

export const actions: Command = {
  names: ['actions'],
  usage: 'mig actions [-status STATUS] [-name TEXT] [-by NAME] [-n 20] [-json]',
  summary: 'Lists actions, the newest first.',
  options: kinds,
  help: [
    'mig actions [-status pending|inprogress|finished|cancelled] [-name TEXT] [-by INVESTIGATOR] [-n 20|all] [-json]',
    '',
    'Examples:',
    '  mig actions -status inprogress',
    '  mig actions -by dana -name openssl -n all -json',
  ],
  async run(words, terminal, context) {
    const { options, others } = readWords('actions', words, kinds);
    noWords('actions', others);
    const status = ActionStatus.optional().safeParse(options.status);
    if (!status.success) {
      throw new Misuse(`actions: -status: expected ${ActionStatus.options.join(', ')}, got '${options.status}'`);
    }
    const most = readCount('actions', options.n, 20);
    const query = { status: status.data, name: options.name, investigator: options.by, limit: Math.min(most, 100) };
    return withPlatform(context, async (platform) => {
      const listed = [];
      let hasMore = false;
      for await (const action of platform.items(listActions, { query })) {
        hasMore = listed.length >= most;
        if (hasMore) break;
        listed.push(action);
      }
      if (options.json) for (const action of listed) terminal.print(JSON.stringify(action));
      else for (const line of tableLines(listed.map(actionRow), actionHeadings)) terminal.print(line);
      if (hasMore) terminal.remark(`there are more: -n all lists them`);
      return 0;
    });
  },
};
