/** The instance of dispatch: one outlet for each destination, each in its own time. */
import { type Instance, type PersistentContext, parseDuration, Unavailable } from '@mig/module';
import type { Destination } from './destination.ts';
import type { Config, Elements, Parameters, Statistics } from './dispatch.ts';
import { openQueues } from './open-queues.ts';
import { Outlet } from './outlet.ts';
import { fileDestination } from './to-file.ts';
import { httpDestination } from './to-http.ts';
import { syslogDestination } from './to-syslog.ts';

/** Time to hand over what waits when the instance ends: less than the host gives it. */
const graceMs = 3_000;

export async function startDispatch(
  context: PersistentContext<Config>,
): Promise<Instance<Parameters, Elements, Statistics>> {
  const { config, log, hostname } = context;
  const { queues, left } = await openQueues(context.stateDirectory, destinations(config), log);
  if (left > 0)
    context.alert(`${left} alerts were dropped: their destination is not configured any more`, { dropped: left });
  const found = queues.reduce((sum, { queue }) => sum + queue.waiting.length, 0);
  const outlets = queues.map(
    ({ destination, queue }) =>
      new Outlet(destination, queue, {
        capacity: config.channelsize,
        retryMinMs: parseDuration(config.retrymin)!,
        retryMaxMs: parseDuration(config.retrymax)!,
        log,
        onDropped: (name, dropped) =>
          context.alert(`${dropped} alerts were dropped on their way`, { destination: name, dropped }),
      }),
  );
  let received = 0;
  return {
    async query({ parameters }) {
      if (parameters.retry) for (const outlet of outlets) outlet.retry();
      const states = outlets.map((outlet) => outlet.state());
      const sum = (key: 'queued' | 'sent' | 'dropped') => states.reduce((total, state) => total + state[key], 0);
      const elements = {
        ok: states.every(({ ok }) => ok),
        queued: sum('queued'),
        sent: sum('sent'),
        dropped: sum('dropped'),
        destinations: states,
      };
      return {
        foundanything: !elements.ok,
        elements,
        statistics: { received, found, channelsize: config.channelsize },
      };
    },
    receiveAlert(alert) {
      received++;
      for (const outlet of outlets) outlet.push({ ...alert, hostname });
    },
    async stop() {
      await Promise.all(outlets.map((outlet) => outlet.stop(graceMs)));
    },
  };
}

function destinations({ http, syslog, file }: Config): Destination[] {
  const all = [...http.map(httpDestination), ...syslog.map(syslogDestination), ...file.map(fileDestination)];
  if (all.length === 0) {
    throw new Unavailable(
      'no destination: expected at least one [[http]], [[syslog]] or [[file]] in modules/dispatch.toml; without the module, alerts reach the platform all the same',
    );
  }
  return all;
}
