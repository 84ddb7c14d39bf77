/**
 * Answers: can this endpoint reach a host, and how fast?
 *
 * Opens TCP connections, sends UDP datagrams, or has the system's ping send ICMP echoes. Sends no content of its own but
 * one UDP byte.
 */
import { defineModule } from '@mig/module';
import { z } from 'zod';
import { isHost } from '../network-host.ts';

/** Latency of an attempt that nothing answered in time, and of one that was refused or had no way to go. */
export const timedOut = 9_999_999;
export const unreachable = -1;

const Parameters = z
  .strictObject({
    destination: z
      .string()
      .refine(isHost, 'expected an IPv4 or IPv6 address or a fully qualified domain name')
      .describe('Host to reach: an address or a name.')
      .meta({ flag: 'd', hint: '<host>' }),
    destinationport: z
      .int()
      .min(1)
      .max(65535)
      .optional()
      .describe('Port for tcp and udp; default 80.')
      .meta({ flag: 'dp', hint: '<port>' }),
    protocol: z.enum(['icmp', 'tcp', 'udp']).describe('How to reach it.').meta({ flag: 'p', hint: '<icmp|tcp|udp>' }),
    count: z.int().min(1).max(1000).default(3).describe('How many attempts.').meta({ flag: 'c', hint: '<number>' }),
    timeout: z
      .number()
      .positive()
      .max(3600)
      .default(5)
      .describe('Seconds that an attempt may take.')
      .meta({ flag: 't', hint: '<seconds>' }),
  })
  .refine(({ protocol, destinationport }) => protocol !== 'icmp' || destinationport === undefined, {
    message: 'expected no port with icmp',
    path: ['destinationport'],
  });
export type Parameters = z.output<typeof Parameters>;

const Elements = z.strictObject({
  latencies: z
    .array(z.number())
    .describe(`Milliseconds of each attempt; ${timedOut} timed out, ${unreachable} refused or unreachable`),
  protocol: z.string().describe('Protocol that was used'),
  resolvedhost: z.string().describe('Address that the destination resolved to'),
  failures: z.int().describe('Attempts that did not reach it'),
});
export type Elements = z.output<typeof Elements>;

export const ping = defineModule({
  name: 'ping',
  summary: 'Reaches for a host over ICMP, TCP or UDP.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: ['network', 'children'],
  parameters: Parameters,
  elements: Elements,
  statistics: z.strictObject({ exectime: z.string().describe('Duration of all attempts') }),
  examples: [
    {
      asks: 'Can the endpoint reach the command server of a backdoor?',
      flags: ['-d', '192.0.2.7', '-p', 'tcp', '-dp', '443'],
    },
    { asks: 'How far is the gateway?', flags: ['-d', '127.0.0.1', '-p', 'icmp', '-c', '5', '-t', '1'] },
  ],

  async run(context) {
    const { reach } = await import('./reach.ts');
    return reach(context);
  },

  *printElements({ latencies, protocol, resolvedhost, failures }) {
    for (const latency of latencies) {
      const outcome =
        latency === timedOut ? 'timed out' : latency === unreachable ? 'refused or unreachable' : `${latency} ms`;
      yield `${protocol} ping of ${resolvedhost}: ${outcome}`;
    }
    if (failures > 0) yield `${failures} of ${latencies.length} attempts did not reach ${resolvedhost}`;
  },
});
