/**
 * Answers: how long has it been running here, and what was it asked?
 *
 * Reads nothing, changes nothing. This module is the template for modules that stay: docs/writing-modules.md walks
 * through it.
 */
import { definePersistentModule, durationBetween } from '@mig/module';
import { z } from 'zod';

const Config = z.strictObject({
  interval: durationBetween('10ms', '24h', '30s').default('60s').describe('How often it logs that it is well.'),
});
export type Config = z.output<typeof Config>;

const Parameters = z.strictObject({
  string: z.string().max(1024).describe('Returned as it is.').meta({ hint: '<text>' }),
});
export type Parameters = z.output<typeof Parameters>;

const Elements = z.strictObject({ string: z.string().describe('What was asked') });
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({
  asked: z.int().describe('Questions so far, with this one'),
  ticks: z.int().describe('Intervals that have gone by'),
});
export type Statistics = z.output<typeof Statistics>;

export const examplepersist = definePersistentModule({
  name: 'examplepersist',
  summary: 'Stays with the agent, counts intervals and questions, and returns what it is told.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: [],
  config: Config,
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    { asks: 'Does the module run here?', flags: ['-string', 'hello'] },
    { asks: 'Does it return what is not ASCII?', flags: ['-string', 'grüß dich'] },
  ],

  async runPersistent(context) {
    const { startCounting } = await import('./start-counting.ts');
    return startCounting(context);
  },

  printElements: ({ string }) => [`it says ${string}`],
  printStatistics: ({ asked, ticks }) => [`asked ${asked} times in ${ticks} intervals`],
});
