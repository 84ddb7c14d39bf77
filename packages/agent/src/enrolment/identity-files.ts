/**
 * The files that say who an agent is: key, certificate, CA and enrolment file. They change together or not at all,
 * whenever the agent is killed: the new ones are first written down whole in one file, and then put in their places,
 * which is begun again at the next start until it was done.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import type { Places } from '../settings/places.ts';
import { writeDurably } from '../state/durable-file.ts';
import { EnrolmentError } from './enrolment-error.ts';

/** What is new; what is left out stays as it is. All PEM, but `enrolment`, which is the text of enrolment.json. */
const IdentityFiles = z.object({
  key: z.string(),
  certificate: z.string(),
  ca: z.string().optional(),
  enrolment: z.string().optional(),
});
export type IdentityFiles = z.output<typeof IdentityFiles>;

/** Puts the files in their places. Throws what the file system throws; then all are new, or all are old. */
export function putIdentity(files: IdentityFiles, places: Places): void {
  writeDurably(places.pending, JSON.stringify(files), 0o600);
  finishIdentity(places);
}

/** Ends what a crash interrupted, if it did. To be called before any of the files is read. */
export function finishIdentity(places: Places): void {
  if (!existsSync(places.pending)) return;
  const { key, certificate, ca, enrolment } = read(places.pending);
  writeDurably(places.privateKey, key, 0o600);
  writeDurably(places.certificate, certificate, 0o644);
  if (ca !== undefined) writeDurably(places.authority, ca, 0o644);
  if (enrolment !== undefined) writeDurably(places.enrolment, enrolment, 0o644);
  rmSync(places.pending, { force: true });
}

function read(path: string): IdentityFiles {
  try {
    return IdentityFiles.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new EnrolmentError(`${path} is not what this agent wrote: enrol again with --replace`, { cause });
  }
}
