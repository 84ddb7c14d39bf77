/** Modules for tests of the agent's limits: one that misbehaves as it is told, and those that the tests ask besides. */
import { createRegistry, defineModule } from '@mig/module';
import { z } from 'zod';
import { example } from '../../../modules/src/example/example.ts';
import { file } from '../../../modules/src/file/file.ts';

export const rogue = defineModule({
  name: 'rogue',
  summary: 'Does not do what a module should.',
  platforms: ['linux'],
  needs: ['children'],
  parameters: z.strictObject({ does: z.enum(['hang', 'flood', 'eat', 'die', 'breed']).describe('How it misbehaves.') }),
  elements: z.strictObject({}),
  statistics: z.strictObject({}),
  examples: [
    { asks: 'Does it hang?', flags: ['-does', 'hang'] },
    { asks: 'Does it die?', flags: ['-does', 'die'] },
  ],
  async run({ parameters: { does } }) {
    if (does === 'die') process.kill(process.pid, 'SIGKILL');
    if (does === 'breed') (await import('node:child_process')).execFileSync('sleep', ['1000']);
    if (does === 'flood') for (const { writeSync } = await import('node:fs'); ; ) writeSync(1, 'x'.repeat(1 << 16));
    if (does === 'eat')
      for (const kept: Buffer[] = []; ; await new Promise((resolve) => setTimeout(resolve, 5)))
        kept.push(Buffer.alloc(1 << 24, 1));
    // It reads neither a stop nor the end of its input.
    for (let i = 0; ; i++) if (i < 0) return { foundanything: false, elements: {}, statistics: {} };
  },
});

export const available = createRegistry([example, file, rogue]);
