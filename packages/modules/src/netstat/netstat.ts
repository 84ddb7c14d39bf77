/**
 * Answers: which addresses does this endpoint have, what does it listen on, whom does it talk to, and who are its neighbours?
 *
 * Reads the kernel's tables of interfaces, sockets and neighbours, and asks programs of the system for those that are no
 * files. Opens no connection, sends no packet, changes nothing.
 */
import { defineModule } from '@mig/module';
import { z } from 'zod';
import { RegexpParameter } from '../regexp-parameter.ts';
import { parseNetwork } from './address.ts';

const macs = (description: string, flag: string) =>
  z.array(RegexpParameter).default([]).describe(description).meta({ flag, hint: '<regexp>' });
const addresses = (description: string, flag: string) =>
  z
    .array(
      z
        .string()
        .refine(
          (text) => parseNetwork(text) !== undefined,
          "expected an address or a network such as '192.0.2.0/24' or '2001:db8::/32'",
        ),
    )
    .default([])
    .describe(description)
    .meta({ flag, hint: '<address>' });

const Parameters = z
  .strictObject({
    localmac: macs('Regular expression on the MAC address of an interface.', 'lm'),
    neighbormac: macs('Regular expression on the MAC address of a neighbour.', 'nm'),
    localip: addresses('Address of an interface, or network that holds it.', 'li'),
    neighborip: addresses('Address of a neighbour, or network that holds it.', 'ni'),
    connectedip: addresses('Address of a peer, or network that holds it.', 'ci'),
    listeningport: z
      .array(z.int().min(0).max(65535))
      .default([])
      .describe('Port that something listens on, TCP or UDP.')
      .meta({ flag: 'lp', hint: '<port>' }),
    namespaces: z.boolean().default(false).describe('Look into the network namespace of every process.'),
  })
  .refine(
    ({ namespaces: _, ...lists }) => Object.values(lists).some((list) => list.length > 0),
    'expected at least one of localmac, neighbormac, localip, neighborip, connectedip, listeningport',
  );
export type Parameters = z.output<typeof Parameters>;

const Found = z.strictObject({
  localmacaddr: z.string().optional().describe('MAC address of the interface'),
  remotemacaddr: z.string().optional().describe('MAC address of the neighbour'),
  localaddr: z.string().optional().describe('Local address'),
  localport: z.int().optional().describe('Local port'),
  remoteaddr: z.string().optional().describe('Address of the peer or neighbour'),
  remoteport: z.int().optional().describe('Port of the peer'),
  namespace: z.string().optional().describe('Network namespace, when it is not the agent’s own'),
  pid: z.int().optional().describe('Process that owns the socket, where it can be told'),
  process: z.string().optional().describe('Executable of that process'),
});
export type Found = z.output<typeof Found>;

const found = (description: string) => z.record(z.string(), z.array(Found)).optional().describe(description);
const Elements = z.strictObject({
  localmac: found('Interfaces by regular expression'),
  neighbormac: found('Neighbours by regular expression'),
  localip: found('Interfaces by address'),
  neighborip: found('Neighbours by address'),
  connectedip: found('Connections by address of the peer'),
  listeningport: found('Listening sockets by port'),
});
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({
  examined: z.int().describe('Interfaces, sockets and neighbours that were looked at'),
  exectime: z.string().describe('Duration of the search'),
  totalhits: z.int().describe('Matches found'),
});
export type Statistics = z.output<typeof Statistics>;

export const netstat = defineModule({
  name: 'netstat',
  summary: 'Finds addresses, listening ports, connections and neighbours.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: ['children'],
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    { asks: 'Who talks to this network?', flags: ['-ci', '192.0.2.0/24'] },
    { asks: 'Does anything listen on 4444, in a container too?', flags: ['-lp', '4444', '-namespaces'] },
    { asks: 'Which endpoints have seen this MAC address?', flags: ['-nm', '^02:42:'] },
  ],

  async run(context) {
    if (context.platform !== 'linux') return (await import('./search-elsewhere.ts')).searchElsewhere(context);
    return (await import('./search-network.ts')).searchNetwork(context);
  },

  *printElements(elements) {
    for (const [kind, byValue] of Object.entries(elements)) {
      for (const [value, all] of Object.entries(byValue ?? {})) {
        for (const one of all) yield `found ${kind} ${value}: ${describe(one)}`;
      }
    }
  },

  printStatistics: ({ examined, exectime, totalhits }) => [
    `${examined} examined, ${totalhits} matched, in ${exectime}`,
  ],

  enhancePrivacy(elements) {
    const mask = (one: Found): Found => ({
      ...one,
      ...(one.localmacaddr === undefined ? {} : { localmacaddr: 'masked' }),
      ...(one.remotemacaddr === undefined ? {} : { remotemacaddr: 'masked' }),
      ...(one.localaddr === undefined ? {} : { localaddr: 'masked' }),
      ...(one.remoteaddr === undefined ? {} : { remoteaddr: 'masked' }),
    });
    return Object.fromEntries(
      Object.entries(elements).map(([kind, byValue]) => [
        kind,
        Object.fromEntries(Object.entries(byValue ?? {}).map(([value, all]) => [value, all.map(mask)])),
      ]),
    );
  },
});

function describe(one: Found): string {
  const local = one.localaddr === undefined ? '' : `${withPort(one.localaddr, one.localport)}`;
  const remote = one.remoteaddr === undefined ? '' : `${withPort(one.remoteaddr, one.remoteport)}`;
  const parts = [
    [local, remote].filter((part) => part !== '').join(' with '),
    one.localmacaddr === undefined ? '' : `interface ${one.localmacaddr}`,
    one.remotemacaddr === undefined ? '' : `at ${one.remotemacaddr}`,
    one.pid === undefined ? '' : `by ${one.process ?? 'a process'} (pid ${one.pid})`,
    one.namespace === undefined ? '' : `in namespace ${one.namespace}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function withPort(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
