/** `mig-server audit verify`: whether an exported audit log, or the one in the database, is as it was written. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type AuditVerification, describeAudit, readAuditLines, verifyAuditChain } from '@mig/api';
import { verifyAudit } from '../audit/audit-log.ts';
import type { Db } from '../database/open-database.ts';
import { StartError } from './start-error.ts';

/** Says what it finds in `file`, or standard input for `-`. Gives the exit status, 1 when the log is not whole. Throws StartError. */
export async function verifyAuditFile(file: string): Promise<number> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  // The reader of lines does not pass on what its stream has against being read.
  const unreadable = new Promise<never>((_, reject) => input.once('error', reject));
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    return say(await Promise.race([verifyAuditChain(readAuditLines(lines)), unreadable]));
  } catch (cause) {
    throw new StartError(`audit verify ${file}: ${(cause as Error).message}`, { cause });
  }
}

/** The same for the log in the database. */
export async function verifyAuditIn(db: Db): Promise<number> {
  return say(await verifyAudit(db));
}

function say(verified: AuditVerification): number {
  process.stdout.write(`${describeAudit(verified)}\n`);
  return verified.intact ? 0 : 1;
}
