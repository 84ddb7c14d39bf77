/**
 * Answers: what did the kernel's audit system see on this endpoint?
 *
 * Loads the audit rules of the endpoint's owner (with auditctl), reads the kernel's events as auditd passes them on, and
 * raises an alert for each. Changes nothing but those rules and limits, and takes its rules away when it ends.
 */
import { definePersistentModule } from '@mig/module';
import { z } from 'zod';
import { splitWords } from '../split-words.ts';

const Path = z.string().startsWith('/', 'expected an absolute path');

const Rule = z
  .string()
  .regex(/^-[aAw] \S+/, 'expected a rule as auditctl takes it, beginning with -a, -A or -w')
  .regex(/^[^\0\n]*$/, 'expected one line')
  .refine(hasWholeWords, 'expected an end for each quote');

const Config = z.strictObject({
  rules: z.array(Rule).max(1000).default([]).describe('Audit rules to load, as auditctl(8) takes them.'),
  ratelimit: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe('Records a second that the kernel sends, 0 for no limit.'),
  backloglimit: z.int().min(64).max(1_000_000).optional().describe('Records that may wait in the kernel.'),
  source: z
    .enum(['auto', 'socket', 'log'])
    .default('auto')
    .describe("Where events are read: auditd's socket, its log, or what there is."),
  socket: Path.default('/run/audispd_events').describe("Socket of auditd's af_unix plugin."),
  log: Path.default('/var/log/audit/audit.log').describe("auditd's log."),
  includeraw: z.boolean().default(false).describe('Whether alerts hold the records as they came as well.'),
  pending: z.int().min(16).max(100_000).default(4096).describe('Events whose records may be incomplete at a time.'),
});
export type Config = z.output<typeof Config>;

const Parameters = z.strictObject({
  type: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{1,40}$/, 'expected a record type such as SYSCALL')
    .optional()
    .describe('Only events with a record of this type.')
    .meta({ hint: '<type>' }),
  limit: z
    .int()
    .min(1)
    .max(500)
    .default(20)
    .describe('Most events to return, the last ones of all.')
    .meta({ hint: '<n>' }),
});
export type Parameters = z.output<typeof Parameters>;

const SeenEvent = z.strictObject({
  time: z.string().describe('When it happened'),
  serial: z.int().describe('Its number'),
  type: z.string().describe('What it is'),
  call: z.string().optional().describe('Name of the system call'),
  key: z.string().optional().describe('Key of the rule that it came from'),
  exe: z.string().optional().describe('Program that it is about'),
});
export type SeenEvent = z.output<typeof SeenEvent>;

const Elements = z.strictObject({
  ok: z.boolean().describe('Whether events arrive, and none was lost or dropped'),
  source: z.string().describe('Where events are read'),
  alerts: z.int().describe('Alerts that were raised, one for each event'),
  dropped: z.int().describe('Alerts that were dropped'),
  lost: z.int().optional().describe('Records that the kernel lost since the module started, where that is known'),
  backlog: z.int().optional().describe('Records that wait in the kernel, where that is known'),
  rules: z.int().describe('Rules of the configuration that are loaded'),
  types: z.record(z.string(), z.int()).describe('Records that came, by type'),
  events: z.array(SeenEvent).describe('The last events'),
});
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({
  records: z.int().describe('Records that came'),
  unreadable: z.int().describe('Lines that are no records'),
  late: z.int().describe('Records that came after the alert of their event'),
  cut: z.int().describe('Events that were told early, since too many were incomplete'),
});
export type Statistics = z.output<typeof Statistics>;

export const audit = definePersistentModule({
  name: 'audit',
  summary: "Loads audit rules, and raises an alert for each event of the kernel's audit system.",
  platforms: ['linux'],
  needs: ['children', 'network'],
  config: Config,
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    { asks: 'Do audit events arrive, and which were the last?', flags: [] },
    { asks: 'Which programs were started of late?', flags: ['-type', 'EXECVE', '-limit', '100'] },
  ],

  async runPersistent(context) {
    const { startAudit } = await import('./start-audit.ts');
    return startAudit(context);
  },

  *printElements({ ok, source, alerts, dropped, lost, backlog, rules, types, events }) {
    const records = `${lost ?? 'unknown'} records lost, ${backlog ?? 'unknown'} wait`;
    yield `${ok ? 'ok' : 'not ok'}: ${alerts} alerts raised, ${dropped} dropped, ${records}`;
    yield `${rules} rules loaded, events from ${source}`;
    for (const [type, count] of Object.entries(types)) yield `${type}: ${count} records`;
    for (const { time, serial, type, call, key = '-', exe = '-' } of events) {
      yield `${time} ${serial} ${type}${call === undefined ? '' : ` ${call}`} [key:${key} exe:${exe}]`;
    }
  },

  enhanceAlertPrivacy: ({ message, fields: { type, serial, time } }) => ({ message, fields: { type, serial, time } }),
  enhancePrivacy: (elements) => ({
    ...elements,
    events: elements.events.map(({ key, exe, ...one }) => ({
      ...one,
      ...(key === undefined ? {} : { key: 'masked' }),
      ...(exe === undefined ? {} : { exe: 'masked' }),
    })),
  }),
});

function hasWholeWords(rule: string): boolean {
  try {
    return splitWords(rule).length > 0;
  } catch {
    return false;
  }
}
