/** What an agent knows of its enrolment: which agent of which fleet it is, and where its platform is. */
import { readFileSync } from 'node:fs';
import { FleetName, Uuid } from '@mig/action';
import { z } from 'zod';
import type { Places } from '../settings/places.ts';
import { EnrolmentError } from './enrolment-error.ts';
import { finishIdentity } from './identity-files.ts';

/** `enrolment.json`: written last, so that it is there only when certificate and key are. */
export const EnrolmentFile = z.object({
  agentid: Uuid,
  fleet: FleetName,
  api: z.string(),
  relay: z.array(z.string()).min(1),
});
export type EnrolmentFile = z.output<typeof EnrolmentFile>;

export interface Enrolment extends EnrolmentFile {
  /** PEM. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
}

/** Reads the enrolment; undefined when the agent is not enrolled. Throws EnrolmentError when it is damaged. */
export function readEnrolment(places: Places): Enrolment | undefined {
  finishIdentity(places);
  const text = readText(places.enrolment);
  if (text === undefined) return undefined;
  const file = parse(places.enrolment, text);
  const [ca, cert, key] = [places.authority, places.certificate, places.privateKey].map((path) => {
    const content = readText(path);
    if (content !== undefined) return content;
    throw new EnrolmentError(`${path} is missing, and ${places.enrolment} is there: enrol again with --replace`);
  });
  return { ...file, tls: { ca: ca!, cert: cert!, key: key! } };
}

function parse(path: string, text: string): EnrolmentFile {
  try {
    return EnrolmentFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new EnrolmentError(`${path} is not what enrolment wrote: enrol again with --replace`, { cause });
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
