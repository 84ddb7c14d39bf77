/** `mig audit …`: who did what through the platform, and whether the log of it is whole. */
import { open } from 'node:fs/promises';
import {
  type AuditVerification,
  describeAudit,
  listAudit,
  readAuditLines,
  verifyAudit,
  verifyAuditChain,
} from '@mig/api';
import { printable } from '@mig/module';
import { Misuse } from '../misuse.ts';
import type { Command } from './command.ts';
import { noWords, readWords } from './read-words.ts';
import { withPlatform } from './with-platform.ts';

const kinds = { json: 'switch' } as const;

export const audit: Command = {
  names: ['audit'],
  usage: 'mig audit verify [FILE]|list',
  summary: 'Verifies the audit log, or lists it.',
  words: ['verify', 'list'],
  options: kinds,
  help: [
    'mig audit verify [FILE] [-json]   whether the log is as it was written; exit status 1 when not',
    'mig audit list [-json]            the entries, the newest first',
    '',
    'With a FILE, what mig audit list -json wrote into it is verified here, without the platform.',
    '',
    'Keep the hash that verify prints elsewhere: then a log that was cut short is noticed too.',
  ],
  run: async ([action = '', ...words], terminal, context) => {
    if (action !== 'verify' && action !== 'list') {
      throw new Misuse(`audit: expected verify or list, got ${action === '' ? 'nothing' : `'${action}'`}`);
    }
    const { options, others } = readWords(`audit ${action}`, words, kinds);
    const [file, ...rest] = others;
    if (action === 'verify') {
      noWords('audit verify', rest);
      const tell = (verified: AuditVerification) => {
        terminal.print(options.json ? JSON.stringify(verified) : printable(describeAudit(verified)));
        return verified.intact ? 0 : 1;
      };
      if (file !== undefined) return tell(await verifyFile(file));
      return withPlatform(context, async (platform) => tell(await platform.call(verifyAudit)));
    }
    noWords(`audit ${action}`, others);
    return withPlatform(context, async (platform) => {
      for await (const entry of platform.items(listAudit)) {
        const { number, time, actor, event, subject, details } = entry;
        terminal.print(
          options.json
            ? JSON.stringify(entry)
            : printable(`${number} ${time} ${actor}: ${event} ${subject} ${JSON.stringify(details)}`),
        );
      }
      return 0;
    });
  },
};

/** Throws an Error that names the file, and the line that is no entry. */
async function verifyFile(file: string): Promise<AuditVerification> {
  const handle = await open(file);
  try {
    return await verifyAuditChain(readAuditLines(handle.readLines()));
  } catch (cause) {
    throw new Misuse(`audit verify: ${file}: ${(cause as Error).message}`, { cause });
  } finally {
    await handle.close();
  }
}
