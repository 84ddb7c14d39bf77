/** `mig-agent enrol`: gets this endpoint its certificate. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Misuse } from '@mig/daemon';
import { apiUrl, enrol } from '../enrolment/enrol.ts';
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
  const server = command.server ?? settings.enrolment.server;
  if (server === '') throw new Misuse('expected --server URL, or enrolment.server in the configuration, got neither');
  requireUrl(server);
  const token = readToken(command, settings);
  if (token === undefined) throw new Misuse('expected --token-file FILE or --token TOKEN, got neither');
  // Not beneath an agent that runs with the identity that would be replaced.
  lockState(places);
  if (readEnrolment(places) !== undefined) lockIdentity(places);
  if (!command.isReplacing && readEnrolment(places) !== undefined) {
    throw new EnrolmentError(`${places.enrolment} is there: this agent is enrolled already, --replace enrols it anew`);
  }
  const { proxy } = settings;
  const source = introductionSource(settings, 'daemon');
  const { agentid, fleet } = await enrol(
    { server, token, proxy, introduce: (agentId) => introduce({ ...source, agentId }) },
    places,
  );
  process.stdout.write(`enrolled as agent ${agentid} of the fleet ${fleet}\n`);
  return 0;
}

function requireUrl(server: string): void {
  try {
    apiUrl(server, '/');
  } catch (cause) {
    throw new Misuse((cause as Error).message, { cause });
  }
}

/** The token from where it is given; undefined when it is given nowhere. Throws EnrolmentError when its file is not there. */
export function readToken(
  command: Pick<EnrolCommand, 'token' | 'tokenFile' | 'configDirectory'>,
  { enrolment }: Settings,
): string | undefined {
  const configured = enrolment.tokenfile === '' ? '' : resolve(command.configDirectory, enrolment.tokenfile);
  const file = command.tokenFile ?? (command.token === undefined ? configured : '');
  const text = command.token ?? enrolment.token;
  if (file === '') return text === '' ? undefined : text;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new EnrolmentError(`token file: ${(cause as Error).message}`, { cause });
  }
}
