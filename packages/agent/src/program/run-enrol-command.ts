/** `mig-agent enrol`: gets this endpoint its certificate. */
import { readFileSync } from 'node:fs';
import { enrol } from '../enrolment/enrol.ts';
import { EnrolmentError } from '../enrolment/enrolment-error.ts';
import { readEnrolment } from '../enrolment/enrolment-file.ts';
import { introduce } from '../environment/introduction.ts';
import { introductionSource } from '../environment/introduction-source.ts';
import { placesIn } from '../settings/places.ts';
import { loadSettings, type Settings } from '../settings/settings.ts';
import { lockIdentity, lockState } from '../state/take-locks.ts';
import type { DaemonCommand } from './words.ts';

type EnrolCommand = Extract<DaemonCommand, { kind: 'enrol' }>;

export async function runEnrolCommand(command: EnrolCommand): Promise<number> {
  const places = placesIn(command.configDirectory, command.stateDirectory);
  const settings = loadSettings(
    command.settingsFile ?? places.settings,
    command.settingsFile !== undefined,
    process.env,
  );
  // Not beneath an agent that runs with the identity that would be replaced.
  lockState(places);
  if (readEnrolment(places) !== undefined) lockIdentity(places);
  if (!command.isReplacing && readEnrolment(places) !== undefined) {
    throw new EnrolmentError(`${places.enrolment} is there: this agent is enrolled already, --replace enrols it anew`);
  }
  const server = command.server ?? settings.enrolment.server;
  if (server === '') throw new EnrolmentError('expected --server URL, or enrolment.server in the configuration');
  const token = readToken(command, settings);
  const { proxy } = settings;
  const source = introductionSource(settings, 'daemon');
  const { agentid, fleet } = await enrol(
    { server, token, proxy, introduce: (agentId) => introduce({ ...source, agentId }) },
    places,
  );
  process.stdout.write(`enrolled as agent ${agentid} of the fleet ${fleet}\n`);
  return 0;
}

/** The token from where it is given. Throws EnrolmentError when it is given nowhere, or in a file that is not there. */
export function readToken(command: Partial<EnrolCommand>, { enrolment }: Settings): string {
  const file = command.tokenFile ?? (command.token === undefined ? enrolment.tokenfile : '');
  const text = command.token ?? enrolment.token;
  if (file === '' && text === '') throw new EnrolmentError('expected --token-file FILE or --token TOKEN, got neither');
  if (file === '') return text;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new EnrolmentError(`token file: ${(cause as Error).message}`, { cause });
  }
}
