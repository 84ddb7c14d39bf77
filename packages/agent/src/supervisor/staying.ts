/** What stays on an endpoint, put together: the supervisor of the modules, and the post that their alerts go through. */
import type { AgentIntroduction, AlertMessage } from '@mig/action';
import type { Logger } from '@mig/daemon';
import { isPersistent, maskAlert } from '@mig/module';
import type { HostBundle } from '@mig/module/runner';
import { available } from '@mig/modules';
import { AlertPost, type Raised } from '../alerts/alert-post.ts';
import type { Places } from '../settings/places.ts';
import { milliseconds, type Settings } from '../settings/settings.ts';
import { Supervisor } from './supervisor.ts';

/** What is known of the platform, when it is asked for. */
interface Link {
  readonly introduction: AgentIntroduction;
  readonly publishAlert: ((alert: AlertMessage) => Promise<void>) | undefined;
  refresh(): void;
}

export interface StayingOptions {
  readonly settings: Settings;
  readonly places: Places;
  readonly host: HostBundle;
  readonly link: () => Link;
  readonly log: Logger;
}

export interface Staying {
  readonly supervisor: Supervisor;
  readonly alerts: AlertPost;
}

/** Changes of modules are told to the platform together, when none came for so long. */
const quietMs = 500;

/** Makes the two; nothing is started yet. */
export function createStaying({ settings, places, host, link, log }: StayingOptions): Staying {
  const alerts = new AlertPost({
    directory: places.alerts,
    limitBytes: settings.alerts.sizemb * 1024 * 1024,
    resendMs: milliseconds(settings.spool.resend),
    mask: settings.privacy ? masked : (_, raised) => raised,
    publish: () => link().publishAlert,
    log,
  });
  const { memorymb, ping, deadline, start, pause, settled, tries } = settings.modules;
  let timer: NodeJS.Timeout | undefined;
  const supervisor = new Supervisor({
    registry: available,
    files: places.modules,
    directory: places.instances,
    socketOf: places.socketOf,
    stateOf: places.stateOf,
    host,
    limits: {
      pingMs: milliseconds(ping),
      deadlineMs: milliseconds(deadline),
      startMs: milliseconds(start),
      memoryMb: memorymb,
    },
    restarts: { pauseMs: milliseconds(pause), settledMs: milliseconds(settled), tries },
    describe: () => {
      const { name, environment } = link().introduction;
      return { hostname: name, environment };
    },
    takeAlert: (module, raised, onKept) => alerts.take(module, raised, onKept),
    noteDropped: (module, count) => alerts.noteDropped(module, count),
    onChange: () => {
      clearTimeout(timer);
      timer = setTimeout(() => link().refresh(), quietMs);
      timer.unref();
    },
    log,
  });
  return { supervisor, alerts };
}

/** What privacy mode lets out of an alert. Fails closed: where masking fails, nothing of it is said. */
function masked(name: string, raised: Raised): Raised {
  const module = available.find(name);
  const nothing = { message: 'an alert, withheld in privacy mode', fields: {}, time: raised.time };
  if (module === undefined || !isPersistent(module)) return nothing;
  try {
    return { ...maskAlert(module, raised), time: raised.time };
  } catch {
    return nothing;
  }
}
