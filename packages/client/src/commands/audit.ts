/** `mig audit …`: who did what through the platform, and whether the log of it is whole. */
import { listAudit, verifyAudit } from '@mig/api';
import { printable } from '@mig/module';
import { Misuse } from '../misuse.ts';
import type { Command } from './command.ts';
import { noWords, readWords } from './read-words.ts';
import { withPlatform } from './with-platform.ts';

export const audit: Command = {
  names: ['audit'],
  usage: 'mig audit verify|list',
  summary: 'Verifies the audit log, or lists it.',
  words: ['verify', 'list'],
  help: [
    'mig audit verify [-json]   whether the log is as it was written; exit status 1 when not',
    'mig audit list [-json]     the entries, the newest first',
    '',
    'Keep the hash that verify prints elsewhere: then a log that was cut short is noticed too.',
  ],
  run: ([action = '', ...words], terminal, context) =>
    withPlatform(context, async (platform) => {
      const { options, others } = readWords(`audit ${action}`, words, { json: 'switch' });
      noWords(`audit ${action}`, others);
      if (action === 'verify') {
        const verified = await platform.call(verifyAudit);
        const { entries, intact, broken, head } = verified;
        if (options.json) terminal.print(JSON.stringify(verified));
        else if (intact) terminal.print(`intact: ${entries} entries, the last has the hash ${head}`);
        else terminal.print(`broken at entry ${broken?.number}: ${printable(broken?.reason ?? 'no reason given')}`);
        return intact ? 0 : 1;
      }
      if (action !== 'list') throw new Misuse(`audit: expected verify or list, got '${action}'`);
      for await (const entry of platform.items(listAudit)) {
        const { number, time, actor, event, subject, details } = entry;
        terminal.print(
          options.json
            ? JSON.stringify(entry)
            : printable(`${number} ${time} ${actor}: ${event} ${subject} ${JSON.stringify(details)}`),
        );
      }
      return 0;
    }),
};
