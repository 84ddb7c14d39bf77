/**
 * Answers: do the alerts of this endpoint reach their destinations?
 *
 * Takes the alerts that the other modules raise and hands them on, over HTTP, to syslog, into files. Sends metadata as
 * they raised it, to the destinations that the endpoint's owner has configured and to no other; investigators cannot
 * change them. What waits is kept in the module's state directory. The way of alerts to the platform is the agent's, and does not lead through here.
 */
import { definePersistentModule, durationBetween } from '@mig/module';
import { z } from 'zod';
import { facilities, severities } from './syslog-codes.ts';

const Wait = durationBetween('10ms', '24h', '30s');
const Path = z.string().regex(/^(\/|[A-Za-z]:[\\/])/, 'expected an absolute path');

const tlsFiles = {
  cafile: Path.optional().describe("Certificates (PEM) of the authorities to trust, instead of the system's."),
  certfile: Path.optional().describe('Certificate (PEM) to show to the server; needs keyfile.'),
  keyfile: Path.optional().describe('Key (PEM) of certfile.'),
};

export const HttpDestination = z.strictObject({
  url: z
    .string()
    .refine((text) => isUrl(text, ['http:', 'https:']), 'expected an http or https URL without user and password')
    .describe('Where alerts are posted, as a JSON array.'),
  batch: z.int().min(1).max(10_000).default(100).describe('Most alerts in one request.'),
  timeout: Wait.default('10s').describe('Longest wait for an answer.'),
  headersfile: Path.optional().describe(
    'File of further headers, `Name: value` a line, a token for example; not readable by everybody, read at each request.',
  ),
  ...tlsFiles,
});
export type HttpDestination = z.output<typeof HttpDestination>;

export const SyslogDestination = z.strictObject({
  address: z
    .string()
    .refine((text) => isUrl(text, ['udp:', 'tcp:', 'tls:']), 'expected udp://HOST, tcp://HOST or tls://HOST, and :PORT')
    .describe('The server: udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT; port 514 unless given, 6514 for tls.'),
  facility: z.enum(facilities).default('local0').describe('Facility of the messages.'),
  severity: z.enum(severities).default('warning').describe('Severity of the messages.'),
  appname: z
    .string()
    .regex(/^[!-~]{1,48}$/, 'expected 1 to 48 printable ASCII characters without spaces')
    .default('mig')
    .describe('Name of the program in the messages.'),
  longest: z.int().min(480).max(65_000).default(8192).describe('Longest message in bytes; fields that do not fit go.'),
  timeout: Wait.default('10s').describe('Longest wait for a connection, and for the server to read.'),
  ...tlsFiles,
});
export type SyslogDestination = z.output<typeof SyslogDestination>;

export const FileDestination = z.strictObject({
  path: Path.describe('File that alerts are appended to, one JSON object a line. Its directory must be there.'),
  size: z.int().min(1024).default(10_485_760).describe('Largest file in bytes; then it becomes PATH.1, that PATH.2…'),
  count: z.int().min(0).max(1000).default(5).describe('How many older files are kept.'),
});
export type FileDestination = z.output<typeof FileDestination>;

const Config = z.strictObject({
  channelsize: z.int().min(1).max(1_000_000).default(1024).describe('Alerts that may wait for each destination.'),
  retrymin: Wait.default('1s').describe('Wait after a first failure; it doubles with each further one.'),
  retrymax: Wait.default('1m').describe('Longest wait between tries.'),
  http: z.array(HttpDestination).max(16).default([]).describe('HTTP servers.'),
  syslog: z.array(SyslogDestination).max(16).default([]).describe('Syslog servers (RFC 5424).'),
  file: z.array(FileDestination).max(16).default([]).describe('Files on this endpoint.'),
});
export type Config = z.output<typeof Config>;

const Parameters = z.strictObject({
  retry: z.boolean().default(false).describe('Try destinations that failed again at once.'),
});
export type Parameters = z.output<typeof Parameters>;

const State = {
  ok: z.boolean().describe('Whether the last try did not fail, and nothing was dropped'),
  queued: z.int().describe('Alerts that wait'),
  sent: z.int().describe('Alerts that were taken'),
  dropped: z.int().describe('Alerts that were given up'),
};
const DestinationState = z.strictObject({
  destination: z.string().describe('Where to'),
  kind: z.enum(['http', 'syslog', 'file']).describe('What it is'),
  ...State,
  failures: z.int().describe('Tries that failed'),
  lastsent: z.string().optional().describe('When it took alerts last'),
  lasterror: z.string().optional().describe('Why the last failed try failed'),
});
export type DestinationState = z.output<typeof DestinationState>;

const Elements = z.strictObject({
  ...State,
  destinations: z.array(DestinationState).describe('Each destination by itself; the numbers above are their sums'),
});
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({
  received: z.int().describe('Alerts that came from the other modules'),
  found: z.int().describe('Alerts that waited when it was started, for all destinations'),
  channelsize: z.int().describe('Alerts that may wait for each destination'),
});
export type Statistics = z.output<typeof Statistics>;

export const dispatch = definePersistentModule({
  name: 'dispatch',
  summary: 'Hands the alerts of the other modules on, over HTTP, to syslog and into files.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: ['network', 'write'],
  config: Config,
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  receivesAlerts: true,
  examples: [
    { asks: 'Do the alerts of this endpoint reach their destinations?', flags: [] },
    { asks: 'The log server is back: do they reach it now?', flags: ['-retry'] },
  ],

  async runPersistent(context) {
    const { startDispatch } = await import('./start-dispatch.ts');
    return startDispatch(context);
  },

  *printElements({ destinations, ...sums }) {
    yield countLine('all', sums);
    for (const one of destinations) {
      const { lastsent = 'never', lasterror } = one;
      const trouble = lasterror === undefined ? '' : `, ${one.failures} tries failed, the last: ${lasterror}`;
      yield `${countLine(`${one.kind} ${one.destination}`, one)}, last sent ${lastsent}${trouble}`;
    }
  },
  printStatistics: ({ received, found, channelsize }) => [
    `${received} alerts received, ${found} found waiting at the start, ${channelsize} may wait for each destination`,
  ],

  enhanceAlertPrivacy: ({ message, fields: { dropped } }) => ({ message, fields: { dropped } }),
  enhancePrivacy: (elements) => ({
    ...elements,
    destinations: elements.destinations.map(({ lasterror, ...one }) => ({
      ...one,
      destination: 'masked',
      ...(lasterror === undefined ? {} : { lasterror: 'masked' }),
    })),
  }),
});

function countLine(of: string, state: Pick<DestinationState, 'ok' | 'queued' | 'sent' | 'dropped'>): string {
  return `${of}: ${state.ok ? 'ok' : 'not ok'}, ${state.queued} queued, ${state.sent} sent, ${state.dropped} dropped`;
}

function isUrl(text: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return protocols.includes(protocol) && hostname !== '' && username === '' && password === '';
}
