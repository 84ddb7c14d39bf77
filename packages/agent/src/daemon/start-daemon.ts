/** Puts the parts of the daemon together: journal, spool, policy, desk of commands, link to the platform, status. */
import { join } from 'node:path';
import { type AgentMode, loadOpenPgp } from '@mig/action';
import type { Logger } from '@mig/daemon';
import { failure, isPersistent } from '@mig/module';
import { runModuleProcess, SpareProcess } from '@mig/module/runner';
import { available } from '@mig/modules';
import { connectRelay } from '@mig/relay';
import { CommandDesk } from '../commands/desk.ts';
import type { RunOperation } from '../commands/desk-options.ts';
import type { Enrolment } from '../enrolment/enrolment-file.ts';
import { introduce } from '../environment/introduction.ts';
import { introductionSource } from '../environment/introduction-source.ts';
import { PublicAddress } from '../environment/public-address.ts';
import { Journal } from '../journal/journal.ts';
import { PolicyReader } from '../policy/policy.ts';
import type { Places } from '../settings/places.ts';
import { milliseconds, type Settings } from '../settings/settings.ts';
import { Spool } from '../spool/spool.ts';
import { makePrivateDirectory } from '../state/durable-file.ts';
import { serveStatus } from '../status/status-socket.ts';
import { endLeftovers } from '../supervisor/leftovers.ts';
import { createStaying } from '../supervisor/staying.ts';
import { CertificateKeeper } from './certificate-keeper.ts';
import { describeStatus } from './describe-status.ts';
import { OwnSnapshot } from './own-snapshot.ts';
import { PlatformLink } from './platform-link.ts';
import { recover } from './recover.ts';
import { RunNote } from './run-note.ts';

export interface DaemonOptions {
  readonly settings: Settings;
  readonly places: Places;
  readonly enrolment: Enrolment;
  readonly mode: AgentMode;
  /** Where the bundles of the agent are. */
  readonly scriptDirectory: string;
  readonly log: Logger;
}

export interface Daemon {
  readonly desk: CommandDesk;
  readonly link: PlatformLink;
  /** How many results and alerts the platform has not acknowledged. */
  readonly unacknowledged: number;
  /** Reads the configuration of the modules that stay again, and does what is new in it. */
  reload(): Promise<void>;
  /** Takes no more commands, stops what runs, answers, and leaves. */
  stop(): Promise<void>;
}

const mebibyte = 1024 * 1024;

/** The module whose permissions the first spare process gets: the one that is asked most. */
const firstModule = 'file';

/** Starts the daemon of an enrolled agent; the lock of its state directory is held already. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { settings, places, enrolment, mode, scriptDirectory, log } = options;
  const { spool: spoolPlace, journal: journalPlace, alerts: alertsPlace, instances, runs } = places;
  for (const path of [spoolPlace, journalPlace, alertsPlace, instances, runs]) makePrivateDirectory(path);
  const hanging = endLeftovers(runs);
  if (hanging.length > 0) log.warn({ pids: hanging }, 'module processes of a killed agent ended');
  const spool = new Spool(places.spool, settings.spool.sizemb * mebibyte);
  const journal = new Journal(places.journal, settings.journal.sizemb * mebibyte);
  recover(journal, spool, log);

  const policy = new PolicyReader(places);
  void loadOpenPgp();
  const { problem } = await policy.current();
  if (problem !== undefined) log.error({ problem }, 'keys or access list cannot be used, so that nothing will run');

  const host = new OwnSnapshot(scriptDirectory, places.snapshot, log);
  const spare = settings.limits.spare ? new SpareProcess(host) : undefined;
  const timeoutMs = milliseconds(settings.limits.timeout);
  const { supervisor, alerts } = createStaying({ settings, places, host, link: () => link, log });
  const runOperation: RunOperation = async (module, parameters, signal) => {
    const whyNot = isPersistent(module) ? supervisor.whyNot(module.name) : undefined;
    if (whyNot !== undefined) return failure(whyNot);
    const noted = new RunNote(runs);
    const result = await runModuleProcess(module, parameters, {
      host,
      signal,
      onProcess: (pid) => noted.begin(pid),
      ...(isPersistent(module) ? { persistsock: places.socketOf(module.name) } : {}),
      ...(spare === undefined ? {} : { spare }),
      limits: { timeoutMs: timeoutMs + 5_000, memoryMb: settings.limits.memorymb },
      onLog: (text) => log.debug({ module: module.name, text: text.slice(0, 2000) }, 'module logged'),
    });
    noted.end();
    return result;
  };

  const { agentid: agentId, fleet } = enrolment;
  const certificate = new CertificateKeeper({ enrolment, places, proxy: settings.proxy, log }, () => link.reconnect());
  const { publicip, publicipurl } = settings.environment;
  const address = new PublicAddress(publicip, { url: publicipurl, proxy: settings.proxy }, ({ message }) =>
    log.warn({ detail: message }, 'public address not told'),
  );
  const source = {
    ...introductionSource(settings, mode),
    agentId,
    publicIp: () => address.current,
    persistent: () => supervisor.states(),
  };
  const link: PlatformLink = new PlatformLink({
    connect: () =>
      connectRelay({
        urls: settings.relay.urls.length > 0 ? settings.relay.urls : enrolment.relay,
        fleet,
        as: { role: 'agent', agentId },
        tls: certificate.current.tls,
        ...(settings.proxy === '' ? {} : { proxy: settings.proxy }),
        log: (message) => log.warn({ detail: message }, 'relay'),
      }),
    agentId,
    desk: () => desk,
    alerts,
    spool,
    journal,
    introduce: () => introduce(source),
    lookAround: () => address.look(),
    intervals: {
      heartbeatMs: milliseconds(settings.heartbeat.interval),
      refreshMs: milliseconds(settings.heartbeat.refresh),
      resendMs: milliseconds(settings.spool.resend),
    },
    log,
  });
  const desk: CommandDesk = new CommandDesk({
    fleet,
    modules: available,
    policy,
    journal,
    spool,
    runOperation,
    send: (result) => link.send(result),
    isPrivate: settings.privacy,
    limits: { actions: settings.limits.actions, queued: settings.limits.queued, timeoutMs },
    log,
  });
  const socket = await serveStatus(places.socket, () =>
    describeStatus({
      settings,
      enrolment: certificate.current,
      desk,
      link,
      spool,
      policy,
      spare,
      source,
      supervisor,
      alerts,
    }),
  );
  await link.start();
  if (mode === 'daemon') {
    supervisor.start();
    host.makeSoon();
  }
  certificate.start();
  spare?.prepare(available.get(firstModule));
  log.info({ agentid: agentId, fleet, pid: process.pid, bundles: join(scriptDirectory) }, 'agent started');

  return {
    desk,
    link,
    get unacknowledged() {
      return [...alerts.counts().values()].reduce((sum, { waiting }) => sum + waiting, spool.ids.length);
    },
    reload: () => supervisor.reload(),
    async stop() {
      certificate.stop();
      await desk.stop();
      await supervisor.stop();
      alerts.close();
      spare?.close();
      host.close();
      await link.close();
      await socket.close();
      journal.close();
    },
  };
}
