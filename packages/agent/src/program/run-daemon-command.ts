/** `mig-agent`: the daemon in the foreground, until a signal ends it; with --checkin, until nothing is owed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError } from '@mig/configuration';
import { createLogger, type Logger } from '@mig/daemon';
import { type Daemon, startDaemon } from '../daemon/start-daemon.ts';
import { enrol } from '../enrolment/enrol.ts';
import { EnrolmentError } from '../enrolment/enrolment-error.ts';
import { type Enrolment, readEnrolment } from '../enrolment/enrolment-file.ts';
import { introduce } from '../environment/introduction.ts';
import { introductionSource } from '../environment/introduction-source.ts';
import { type Places, placesIn } from '../settings/places.ts';
import { loadSettings, milliseconds, type Settings } from '../settings/settings.ts';
import { lockIdentity, lockState } from '../state/take-locks.ts';
import { readToken } from './run-enrol-command.ts';
import type { DaemonCommand } from './words.ts';

type RunCommand = Extract<DaemonCommand, { kind: 'run' }>;

export async function runDaemonCommand(command: RunCommand, scriptDirectory: string): Promise<number> {
  const places = placesIn(command.configDirectory, command.stateDirectory);
  const settings = loadSettings(
    command.settingsFile ?? places.settings,
    command.settingsFile !== undefined,
    process.env,
  );
  lockState(places);
  const log = createLogger(settings.log);
  const ended = toldToEnd(command.isOwned);
  let daemon: Daemon | undefined;
  // Also while it enrols: nobody else would take the signal, and it would end the agent.
  process.on('SIGHUP', () => {
    log.info('configuration of modules is read again');
    void daemon?.reload();
  });
  const enrolment = readEnrolment(places) ?? (await enrolNow(settings, places, log));
  lockIdentity(places);
  const mode = command.isCheckin ? 'checkin' : 'daemon';
  daemon = await startDaemon({ settings, places, enrolment, mode, scriptDirectory, log });
  const status = await Promise.race([ended, command.isCheckin ? nothingOwed(daemon, settings, log) : ended]);
  log.info('agent stops');
  await daemon.stop();
  return status;
}

/** Enrols as the configuration says, at the first start. */
async function enrolNow(settings: Settings, places: Places, log: Logger): Promise<Enrolment> {
  const { server } = settings.enrolment;
  if (server === '') {
    throw new EnrolmentError(`no ${places.enrolment}: this agent is not enrolled, run 'mig-agent enrol' first`);
  }
  const source = introductionSource(settings, 'daemon');
  const token = readToken({ ...places, token: undefined, tokenFile: undefined }, settings);
  if (token === undefined) {
    throw new ConfigurationError('enrolment: expected tokenfile or token beside server, got neither');
  }
  const order = {
    server,
    token,
    proxy: settings.proxy,
    introduce: (agentId: string) => introduce({ ...source, agentId }),
  };
  const { agentid, fleet } = await enrol(order, places);
  log.info({ agentid, fleet }, 'enrolled');
  return readEnrolment(places)!;
}

/**
 * Resolves with 0 at the first signal that ends a program; at the second one it ends at once. An owned agent also ends
 * with the program that holds the other end of its standard input, however that ended.
 */
function toldToEnd(isOwned: boolean): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(0));
    if (!isOwned) return;
    process.stdin.once('close', () => resolve(0));
    process.stdin.resume();
  });
}

/**
 * Resolves once nothing was owed for a while: 0, or 1 when the platform was not reached in time, or acknowledged nothing:
 * a broker may be there, and nobody behind it.
 */
async function nothingOwed(daemon: Daemon, { checkin }: Settings, log: Logger): Promise<number> {
  const { desk, link } = daemon;
  const patienceMs = milliseconds(checkin.patience);
  const idleMs = milliseconds(checkin.idle);
  let lastContact = performance.now();
  let lastBusy = performance.now();
  let lastCount = 0;
  for (;;) {
    await sleep(100, undefined, { ref: true });
    const now = performance.now();
    const isConnected = link.state.state === 'connected';
    const count = daemon.unacknowledged;
    if (isConnected && (count === 0 || count !== lastCount)) lastContact = now;
    if (!isConnected || count > 0 || !desk.isIdle) lastBusy = now;
    lastCount = count;
    if (now - lastBusy > idleMs) return 0;
    if (now - lastContact <= patienceMs || desk.running.length > 0) continue;
    if (isConnected)
      log.error({ unacknowledged: count }, 'platform acknowledged nothing, it is kept for the next time');
    else log.error({ detail: link.state.detail }, 'platform was not reached');
    return 1;
  }
}
