/**
 * Answers: since when has this endpoint been up, and is that longer or shorter than it should be?
 *
 * Asks the operating system. Changes nothing.
 */
import { Duration, defineModule, formatDuration, parseDuration } from '@mig/module';
import { z } from 'zod';

const Parameters = z.strictObject({
  longerthan: Duration.optional()
    .describe('Find endpoints that have been up for longer than this.')
    .meta({ hint: '<duration>' }),
  shorterthan: Duration.optional()
    .describe('Find endpoints that have been up for less than this.')
    .meta({ hint: '<duration>' }),
});

export const uptime = defineModule({
  name: 'uptime',
  summary: 'Tells how long the endpoint has been up.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: [],
  parameters: Parameters,
  elements: z.strictObject({
    uptime: z.string().describe('How long it has been up'),
    startedat: z.string().describe('When it started, RFC 3339 in UTC'),
  }),
  statistics: z.strictObject({}),
  examples: [
    { asks: 'Which endpoints were restarted within the last hour?', flags: ['-shorterthan', '1h'] },
    { asks: 'Which run a kernel of more than thirty days ago?', flags: ['-longerthan', '720h'] },
  ],

  async run({ parameters: { longerthan, shorterthan } }) {
    const os = await import('node:os');
    const upMs = os.uptime() * 1000;
    const isLonger = longerthan === undefined || upMs > parseDuration(longerthan)!;
    const isShorter = shorterthan === undefined || upMs < parseDuration(shorterthan)!;
    const startedat = new Date(Date.now() - upMs).toISOString();
    return {
      foundanything: isLonger && isShorter,
      elements: { uptime: formatDuration(upMs), startedat },
      statistics: {},
    };
  },

  printElements: ({ uptime: up, startedat }) => [`up for ${up}, since ${startedat}`],
});
