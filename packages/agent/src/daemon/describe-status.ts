/** How the agent is, for its owner: what `mig-agent status` shows. */
import type { SpareProcess } from '@mig/module/runner';
import type { AlertPost } from '../alerts/alert-post.ts';
import type { CommandDesk } from '../commands/desk.ts';
import { validityOf } from '../enrolment/certificate-check.ts';
import type { Enrolment } from '../enrolment/enrolment-file.ts';
import type { IntroductionSource } from '../environment/introduction.ts';
import type { PolicyReader } from '../policy/policy.ts';
import type { Settings } from '../settings/settings.ts';
import type { Spool } from '../spool/spool.ts';
import type { Status } from '../status/status.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import type { PlatformLink } from './platform-link.ts';

export interface StatusSource {
  readonly settings: Settings;
  readonly enrolment: Enrolment;
  readonly desk: CommandDesk;
  readonly link: PlatformLink;
  readonly spool: Spool;
  readonly policy: PolicyReader;
  readonly spare: SpareProcess | undefined;
  readonly source: IntroductionSource;
  readonly supervisor: Supervisor;
  readonly alerts: AlertPost;
}

export async function describeStatus(from: StatusSource): Promise<Status> {
  const { settings, enrolment, desk, link, spool, policy, spare } = from;
  const { keyring, acl, problem } = await policy.current();
  const { name, version, pid, starttime, mode, environment } = link.introduction;
  return {
    agentid: enrolment.agentid,
    fleet: enrolment.fleet,
    name,
    version,
    pid,
    starttime,
    mode,
    relay: { ...link.state, detail: link.state.detail ?? null },
    lastheartbeat: link.lastHeartbeat?.toISOString() ?? null,
    certificateends: validityOf(enrolment.tls.cert).to.toISOString(),
    running: desk.running.map(({ commandid, actionid, action, module, startTime }) => ({
      commandid,
      actionid,
      name: action?.name ?? '',
      module: module ?? null,
      starttime: startTime!.toISOString(),
    })),
    queued: desk.queued,
    spooled: { results: spool.ids.length, bytes: spool.usedBytes },
    lacked: { ...desk.counters, dropped: spool.dropped },
    policy: { keys: keyring.keys.size, permissions: Object.keys(acl), problem: problem ?? null },
    privacy: settings.privacy,
    spare: spare?.pid ?? null,
    persistent: from.supervisor.reports(),
    alerts: [...from.alerts.counts()].map(([module, counts]) => ({ module, ...counts })),
    environment,
  };
}
