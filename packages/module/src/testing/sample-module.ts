/** A module for the tests of the contract itself: it does what its parameters say, good and bad. */
import { z } from 'zod';
import { defineModule } from '../contract/define-module.ts';

const Parameters = z.strictObject({
  does: z
    .enum(['answer', 'wait', 'spin', 'throw', 'leak', 'longtext', 'toomuch', 'write', 'spawn', 'eat', 'shout', 'die'])
    .default('answer')
    .describe('What it does.'),
  words: z.array(z.string()).default([]).describe('Words to return.').meta({ flag: 'word', hint: '<word>' }),
  level: z.int().min(0).max(9).optional().describe('A number.'),
  loud: z.boolean().default(false).describe('Whether to shout.').meta({ opposite: 'quiet' }),
  text: z.string().optional().describe('The text of a file.').meta({ fromFile: 'text' }),
  options: z
    .strictObject({
      deep: z.boolean().default(false).describe('A nested switch.'),
      order: z.enum(['up', 'down']).default('up').describe('A choice of few words.'),
    })
    .prefault({})
    .describe('Options.'),
});

export const sample = defineModule({
  name: 'sample',
  summary: 'Does what it is told.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: [],
  parameters: Parameters,
  elements: z.strictObject({
    words: z.array(z.string()).describe('Words'),
    text: z.string().optional().describe('Text'),
  }),
  statistics: z.strictObject({ count: z.int().describe('How many words') }),
  examples: [
    { asks: 'What are two words?', flags: ['-word', 'one', '-word', 'two words'] },
    { asks: 'What is nothing?', flags: [] },
  ],
  async run({ parameters, signal, warn, breathe }) {
    const { does, words } = parameters;
    const answer = { foundanything: words.length > 0, elements: { words }, statistics: { count: words.length } };
    if (does === 'throw') throw new Error('it broke');
    if (does === 'wait')
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    if (does === 'spin') for (;;) await breathe();
    if (does === 'leak') return { ...answer, elements: { words, secret: 'x' } as { words: string[] } };
    if (does === 'longtext') return { ...answer, elements: { words, text: 'é'.repeat(2049) } };
    if (does === 'toomuch')
      return { ...answer, elements: { words: Array.from({ length: 5000 }, () => 'x'.repeat(4000)) } };
    if (does === 'write') (await import('node:fs')).writeFileSync('/tmp/mig-sample-wrote-this', 'x');
    if (does === 'spawn') (await import('node:child_process')).execFileSync('true');
    if (does === 'die') process.kill(process.pid, 'SIGKILL');
    if (does === 'shout') for (;;) process.stdout.write('x'.repeat(1 << 20));
    if (does === 'eat')
      for (const kept: Buffer[] = []; ; await new Promise((resolve) => setTimeout(resolve, 5)))
        kept.push(Buffer.alloc(1 << 24, 1));
    if (does === 'answer' && words.includes('warn')) warn('a soft failure');
    return answer;
  },
});
