/** A module that stays, and misbehaves on demand: what the tests of the persistent contract run. */
import { z } from 'zod';
import { definePersistentModule, Unavailable } from '../contract/persistent-module.ts';

const Does = z.enum(['answer', 'throw', 'wait', 'leave']);

export const samplePersistent = definePersistentModule({
  name: 'samplestay',
  summary: 'Counts what it is asked.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: [],
  config: z.strictObject({
    alerts: z.int().min(0).default(0).describe('Alerts that are raised at the start.'),
    start: z.enum(['well', 'unavailable', 'crash', 'never']).default('well').describe('How it starts.'),
  }),
  parameters: z.strictObject({ does: Does.default('answer').describe('What it does.') }),
  elements: z.strictObject({ asked: z.int().describe('How often it was asked'), host: z.string().describe('Name') }),
  statistics: z.strictObject({ heard: z.int().describe('Alerts that it was handed') }),
  examples: [
    { asks: 'How often was it asked?', flags: [] },
    { asks: 'How often was it asked, in other words?', flags: ['-does', 'answer'] },
  ],
  receivesAlerts: true,

  async runPersistent({ config, alert, log, fail, hostname, signal }) {
    if (config.start === 'unavailable') throw new Unavailable('there is nothing to stay for here');
    if (config.start === 'crash') throw new Error('it crashed at its start');
    if (config.start === 'never') await new Promise((_, reject) => signal.addEventListener('abort', reject));
    for (let i = 0; i < config.alerts; i++) alert(`alert ${i}`, { i });
    log('started');
    let asked = 0;
    let heard = 0;
    return {
      async query({ parameters, signal, warn }) {
        asked++;
        if (parameters.does === 'throw') throw new Error('it would not say');
        if (parameters.does === 'leave') fail(new Error('it left'));
        if (parameters.does === 'wait') {
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
          log('whoever asked has gone');
        }
        if (asked > 1) warn('asked before');
        return { foundanything: true, elements: { asked, host: hostname }, statistics: { heard } };
      },
      receiveAlert: () => {
        heard++;
      },
      stop: async () => log('stopped'),
    };
  },
});
