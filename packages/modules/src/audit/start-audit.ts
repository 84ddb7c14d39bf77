/** The instance of audit: rules in, events out. */
import { type Instance, type PersistentContext, Unavailable } from '@mig/module';
import type { Config, Elements, Parameters, SeenEvent, Statistics } from './audit.ts';
import { addRule, deleteRule, readStatus, setLimits } from './auditctl.ts';
import { type AuditEvent, EventGatherer } from './event-gatherer.ts';
import { LogTail } from './log-tail.ts';
import { OwnRules } from './own-rules.ts';
import { SocketFeed } from './socket-feed.ts';

/** How long an event without an end is waited for: auditd's own tools wait two seconds (ausearch --eoe-timeout). */
const quietMs = 1_000;
const mostEvents = 500;
const notRunning = 'auditd does not run, or starts just now';

interface Source {
  readonly name: string;
  /** Why no events come from there just now. */
  trouble(): string | undefined;
  /** How often events may have been missed since the start. */
  gaps(): number;
  stop(): void;
}

export async function startAudit(
  context: PersistentContext<Config>,
): Promise<Instance<Parameters, Elements, Statistics>> {
  const { config, log } = context;
  const events: (SeenEvent & { readonly types: ReadonlySet<string> })[] = [];
  let alerts = 0;
  const gatherer = new EventGatherer({
    pending: config.pending,
    quietMs,
    onEvent(event) {
      const seen = describe(event);
      alerts++;
      events.push({ ...seen, types: new Set(event.records.map(({ type }) => type)) });
      if (events.length > 2 * mostEvents) events.splice(0, mostEvents);
      context.alert(`audit ${seen.type} ${seen.serial}`, {
        type: seen.type,
        serial: seen.serial,
        time: seen.time,
        ...(event.node === undefined ? {} : { node: event.node }),
        fields: fieldsOf(event),
        ...(config.includeraw ? { raw: event.raw } : {}),
      });
    },
  });

  const problems: string[] = [];
  const note = (problem: string) => {
    problems.push(problem);
    log(problem);
  };
  const before = await readStatus(context.signal).catch((error: Error) => {
    note(`it is not known how many records were lost before: ${error.message}`);
    return undefined;
  });
  if (before?.pid === 0) {
    throw new Unavailable(
      'nobody takes the events of the kernel: expected auditd to run, start it and then reload the agent',
    );
  }
  const source = await openSource(config, (line) => gatherer.take(line), log);
  await setLimits(config).catch((error: Error) => note(`limits are not set: ${error.message}`));
  const own = await OwnRules.open(context.stateDirectory, log);
  const takeAway = async (rule: string) => {
    try {
      await deleteRule(rule);
      own.delete(rule);
    } catch (error) {
      note((error as Error).message);
    }
  };
  // What an instance before was killed with.
  for (const rule of own.all) if (!config.rules.includes(rule)) await takeAway(rule);
  let rules = 0;
  for (const rule of config.rules) {
    try {
      if (await addRule(rule)) own.add(rule);
      rules++;
    } catch (error) {
      note((error as Error).message);
    }
  }
  log(`${rules} rules loaded, events from ${source.name}`);

  return {
    async query({ parameters: { type, limit }, signal, warn }) {
      for (const problem of problems) warn(problem);
      const status = await readStatus(signal).catch((error: Error) => {
        signal.throwIfAborted();
        warn(`it is not known whether the kernel sends events, or lost some: ${error.message}`);
        return undefined;
      });
      const trouble = source.trouble() ?? (status?.pid === 0 ? notRunning : undefined);
      if (trouble !== undefined) warn(`no events come: ${trouble}`);
      else if (status?.enabled === 0)
        warn('no events come: the audit system is switched off, auditctl -e 1 switches it on');
      const gaps = source.gaps();
      if (gaps > 0) warn(`auditd closed the connection ${gaps} times: events in between may be missing`);
      if (gatherer.late > 0) warn(`${gatherer.late} records came after the alert of their event, and are in none`);
      const lost = status && before && Math.max(0, status.lost - before.lost);
      const found = events.filter(({ types }) => type === undefined || types.has(type));
      const asked = found.slice(-limit);
      if (type !== undefined && found.length > limit)
        warn(`${found.length} events with a record ${type} are kept, the last ${limit} are returned: raise limit`);
      const elements = {
        ok:
          trouble === undefined &&
          gaps === 0 &&
          status !== undefined &&
          status.enabled !== 0 &&
          lost === 0 &&
          context.dropped === 0 &&
          problems.length === 0,
        source: source.name,
        alerts,
        dropped: context.dropped,
        ...(lost === undefined ? {} : { lost }),
        ...(status === undefined ? {} : { backlog: status.backlog }),
        rules,
        types: Object.fromEntries([...gatherer.types].sort(([a], [b]) => (a < b ? -1 : 1))),
        events: asked.map(({ types: _, ...event }) => event),
      };
      const { records, unreadable, late, cut } = gatherer;
      return { foundanything: asked.length > 0, elements, statistics: { records, unreadable, late, cut } };
    },
    async stop() {
      for (const rule of own.all) await takeAway(rule);
      source.stop();
      gatherer.flush();
      await own.close();
    },
  };
}

async function openSource(
  { source, socket, log: logPath }: Config,
  onLine: (line: string) => void,
  log: (message: string) => void,
): Promise<Source> {
  const failures: string[] = [];
  if (source !== 'log') {
    try {
      const feed = await SocketFeed.open(socket, onLine, log);
      return {
        name: `socket ${socket}`,
        trouble: () => (feed.isConnected ? undefined : notRunning),
        gaps: () => feed.interruptions,
        stop: () => feed.stop(),
      };
    } catch (error) {
      failures.push(`nobody listens on ${socket} (${(error as NodeJS.ErrnoException).code})`);
    }
  }
  if (source !== 'socket') {
    try {
      const tail = new LogTail(logPath, onLine, log);
      return {
        name: `log ${logPath}`,
        trouble: () => tail.trouble,
        gaps: () => 0,
        stop: () => {
          tail.read();
          tail.stop();
        },
      };
    } catch (error) {
      failures.push(`${logPath} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  }
  throw new Unavailable(
    `audit events are out of reach: ${failures.join(', and ')}: expected auditd to write its log, or its plugin af_unix to be active`,
  );
}

/** An event is what its first record says; of a system call, that it is one. */
function describe({ time, serial, records }: AuditEvent): SeenEvent {
  const main = records.find(({ type }) => type === 'SYSCALL') ?? records[0];
  const { key, exe, SYSCALL: call } = main?.fields ?? {};
  return {
    time: new Date(Number(time.replace('.', ''))).toISOString(),
    serial,
    type: main?.type ?? 'UNKNOWN',
    ...(call === undefined ? {} : { call }),
    ...(key === undefined ? {} : { key }),
    ...(exe === undefined ? {} : { exe }),
  };
}

/** The fields by record type; a list where there are several records of one. */
function fieldsOf({ records }: AuditEvent): Record<string, unknown> {
  const byType = new Map<string, unknown[]>();
  for (const { type, fields } of records) byType.set(type, [...(byType.get(type) ?? []), fields]);
  return Object.fromEntries([...byType].map(([type, all]) => [type, all.length === 1 ? all[0] : all]));
}
