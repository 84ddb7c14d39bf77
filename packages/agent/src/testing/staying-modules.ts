/** Modules that stay and misbehave when they are told to: what a test agent is built with, in place of those that ship. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AnyPersistentModule, createRegistry, definePersistentModule, Unavailable } from '@mig/module';
import { z } from 'zod';
import { example } from '../../../modules/src/example/example.ts';
import { file } from '../../../modules/src/file/file.ts';
import { rogue } from './rogue-modules.ts';

const Does = z.enum([
  'answer',
  'hang',
  'block',
  'eat',
  'flood',
  'babble',
  'chatter',
  'crash',
  'wait',
  'raise',
  'write',
  'keep',
]);

function define(name: string, receivesAlerts: boolean): AnyPersistentModule {
  return definePersistentModule({
    name,
    summary: 'Does what a test tells it to.',
    platforms: ['linux'],
    needs: [],
    config: z.strictObject({
      start: z.enum(['well', 'crash', 'unavailable', 'never', 'leave']).default('well').describe('How it starts.'),
      note: z.string().default('').describe('Said in its answers.'),
      slowly: z.boolean().default(false).describe('Whether it takes alerts as slowly as it can.'),
    }),
    parameters: z.strictObject({
      does: Does.default('answer').describe('What it does.'),
      count: z.int().default(1).describe('How often.'),
      from: z.int().default(0).describe('The number of the first alert.'),
    }),
    elements: z.strictObject({
      pid: z.int().describe('Its process'),
      note: z.string().describe('What an instance before kept, else from its configuration'),
      heard: z.array(z.string()).describe('Alerts of others'),
    }),
    statistics: z.strictObject({
      asked: z.int().describe('How often it was asked'),
      dropped: z.int().describe('Alerts'),
    }),
    examples: [
      { asks: 'What is its process?', flags: [] },
      { asks: 'Does it wait?', flags: ['-does', 'wait'] },
    ],
    receivesAlerts,
    enhanceAlertPrivacy: ({ fields }) => ({ message: 'masked', fields: { i: fields['i'] } }),

    async runPersistent(context) {
      const { config, alert, log, fail, signal } = context;
      if (config.start === 'crash') throw new Error('it crashed at its start');
      if (config.start === 'unavailable') throw new Unavailable('there is nothing to stay for here');
      if (config.start === 'never') await new Promise((_, reject) => signal.addEventListener('abort', reject));
      if (config.start === 'leave') setTimeout(() => fail(new Error('it left')), 50);
      log(`started with '${config.note}'`);
      const kept = join(context.stateDirectory, 'kept');
      const known = existsSync(kept) ? readFileSync(kept, 'utf8') : config.note;
      let asked = 0;
      const heard: string[] = [];
      return {
        async query({ parameters: { does, count, from } }) {
          asked++;
          if (does === 'hang' || does === 'block') log(`it ${does}s`);
          if (does === 'hang') for (;;);
          if (does === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
          if (does === 'eat') eat();
          if (does === 'crash') setTimeout(() => (undefined as unknown as Date).getTime());
          if (does === 'flood') flood();
          if (does === 'babble') for (let i = 0; i < count; i++) process.stdout.write(`line ${i} of nonsense\n`);
          if (does === 'chatter') for (let i = 0; i < count; i++) log(`line ${i}`);
          if (does === 'wait') await new Promise(() => log('it waits'));
          if (does === 'keep') writeFileSync(kept, `kept by ${process.pid}`);
          if (does === 'write') writeFileSync(`/tmp/mig-${name}-wrote`, '');
          if (does === 'raise')
            for (let i = from; i < from + count; i++) alert(`alert ${i}`, { i, text: 'x'.repeat(100) });
          return {
            foundanything: true,
            elements: { pid: process.pid, note: known, heard: heard.slice(-100) },
            statistics: { asked, dropped: context.dropped },
          };
        },
        receiveAlert({ module, message }) {
          if (config.slowly) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
          heard.push(`${module}: ${message}`);
        },
        stop: async () => log('stopped'),
      };
    },
  });
}

/** Takes 16 MiB in each turn of the event loop. */
function eat(held: Buffer[] = []): void {
  held.push(Buffer.alloc(1 << 24, held.length + 1));
  setImmediate(() => eat(held));
}

/** Writes 4 MB in each turn of the event loop, whether anybody reads or not. */
function flood(): void {
  for (let i = 0; i < 1_000; i++) process.stdout.write(`${'x'.repeat(4_000)}\n`);
  setImmediate(flood);
}

export const available = createRegistry([
  example,
  file,
  rogue,
  define('first', false),
  define('second', false),
  define('taker', true),
]);
