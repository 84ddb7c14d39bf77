/**
 * Answers: what time does this endpoint think it is, and how far is its clock off?
 *
 * Reads the configuration of the time services, and asks NTP servers. Sets nothing.
 */
import { Duration, defineModule } from '@mig/module';
import { z } from 'zod';
import { parseHostAndPort } from '../network-host.ts';

const Parameters = z.strictObject({
  drift: Duration.optional()
    .describe('How far the clock may be off. Without it, no server is asked.')
    .meta({ hint: '<duration>' }),
  servers: z
    .array(z.string().refine((text) => parseHostAndPort(text) !== undefined, 'expected a host, or host:port'))
    .default([])
    .describe('NTP server to ask after those of the endpoint.')
    .meta({ flag: 'server', hint: '<host>' }),
});
export type Parameters = z.output<typeof Parameters>;

const Elements = z.strictObject({
  hascheckeddrift: z.boolean().describe('Whether a server was asked'),
  iswithindrift: z.boolean().describe('Whether the clock is no further off than the drift given'),
  drifts: z
    .array(z.string())
    .describe('How far the clock is off from each server that answered; positive when it is behind'),
  localtime: z.string().describe('Time on the endpoint, RFC 3339 in UTC'),
});
export type Elements = z.output<typeof Elements>;

const NtpAnswer = z.strictObject({
  host: z.string().describe('Server that was asked'),
  time: z.string().describe('Time it gave, RFC 3339 in UTC; empty without an answer'),
  latency: z.string().describe('Time that the question and the answer travelled'),
  drift: z.string().describe('How far the clock is off from it'),
  reachable: z.boolean().describe('Whether it answered with a time to trust'),
});
export type NtpAnswer = z.output<typeof NtpAnswer>;

const Statistics = z.strictObject({
  exectime: z.string().describe('Duration of the check'),
  ntpstats: z.array(NtpAnswer).describe('Servers that were asked, in order'),
});
export type Statistics = z.output<typeof Statistics>;

export const timedrift = defineModule({
  name: 'timedrift',
  summary: 'Tells the time of the endpoint, and how far its clock is off.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: ['network'],
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    { asks: 'Which clocks are off by more than five seconds?', flags: ['-drift', '5s'] },
    { asks: 'What time is it there?', flags: [] },
    { asks: 'Is the clock right by our own server?', flags: ['-drift', '200ms', '-server', 'ntp.example.net'] },
  ],

  async run(context) {
    const { checkDrift } = await import('./check-drift.ts');
    return checkDrift(context);
  },

  *printElements({ hascheckeddrift, iswithindrift, drifts, localtime }) {
    yield `local time is ${localtime}`;
    if (hascheckeddrift) yield `local time is ${iswithindrift ? 'within' : 'out of'} the drift asked for`;
    for (const drift of drifts) yield `clock is off by ${drift}`;
  },

  *printStatistics({ exectime, ntpstats }) {
    for (const { host, reachable, latency, drift, time } of ntpstats) {
      yield reachable ? `${host} gave ${time}, drift ${drift}, latency ${latency}` : `${host} gave no time`;
    }
    yield `checked in ${exectime}`;
  },
});
