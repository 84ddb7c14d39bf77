/**
 * Which CA a process works with: that of the fleet, which the database knows by its fingerprint. A process with another
 * would give agents certificates that the others refuse.
 */
import { join } from 'node:path';
import type { FleetName } from '@mig/action';
import { appendAudit } from '../audit/audit-log.ts';
import { findAuthority, makeAuthority } from '../certificates/certificates.ts';
import { fingerprintOf, type KeyPair } from '../certificates/issue.ts';
import { inTransaction, inTurn, turns } from '../database/in-turn.ts';
import type { Db } from '../database/open-database.ts';
import { noteAuthority, notedAuthority } from '../database/platform.ts';
import { StartError } from './start-error.ts';

interface Place {
  readonly directory: string;
  readonly fleet: FleetName;
}

/** Gives the CA in the data directory; the first process of a fleet makes it. Throws StartError when it is not the fleet's. */
export function settleAuthority(db: Db, { directory, fleet }: Place): Promise<KeyPair> {
  return inTransaction(db, async (transaction) => {
    await inTurn(transaction, turns.authority);
    const noted = await notedAuthority(transaction);
    const found = findAuthority(directory, fleet);
    if (noted === undefined) {
      const authority = found ?? (await makeAuthority(directory, fleet));
      await noteAuthority(transaction, fingerprintOf(authority.cert));
      return authority;
    }
    if (found === undefined) throw refusal(directory, noted, `there is no CA in ${directory}`);
    const fingerprint = fingerprintOf(found.cert);
    if (fingerprint !== noted) throw refusal(directory, noted, `the CA in ${directory} has the SHA-256 ${fingerprint}`);
    return found;
  });
}

/**
 * Makes the CA in the data directory the fleet's, a new one where there is none. Gives the fingerprints of the one before,
 * undefined when there was none, and of this one.
 */
export function replaceAuthority(
  db: Db,
  { directory, fleet }: Place,
): Promise<{ readonly before: string | undefined; readonly now: string }> {
  return inTransaction(db, async (transaction) => {
    await inTurn(transaction, turns.authority);
    const before = await notedAuthority(transaction);
    const { cert } = findAuthority(directory, fleet) ?? (await makeAuthority(directory, fleet));
    const now = fingerprintOf(cert);
    if (now === before) return { before, now };
    await noteAuthority(transaction, now);
    const details = { before: before ?? null };
    await appendAudit(transaction, { actor: 'local administrator', event: 'CA replaced', subject: now, details });
    return { before, now };
  });
}

function refusal(directory: string, noted: string, what: string): StartError {
  return new StartError(
    `${what}, and the database is of a fleet whose CA has the SHA-256 ${noted}: ` +
      `copy ca.crt and ca.key from the data directory of a server of that fleet to ${join(directory, 'ca.crt')} and ` +
      `${join(directory, 'ca.key')}; or, to give the fleet another CA, after which every agent has to enrol anew, ` +
      'run: mig-server replace-ca',
  );
}
