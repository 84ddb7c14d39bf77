/**
 * Ends another agent on the same endpoint: kills the process, and removes its executable, so that it does not come back.
 *
 * The process must be an agent of ours and of the version that the investigator names. What runs this module, and what
 * runs that, is never ended.
 */
import { defineModule } from '@mig/module';
import { z } from 'zod';

/** The largest number a process can have on Linux: PID_MAX_LIMIT of the kernel. */
const largestPid = 4_194_304;

const Parameters = z.strictObject({
  pid: z.int().min(2).max(largestPid).describe('Number of the agent’s process.').meta({ hint: '<number>' }),
  version: z.string().min(1).max(128).describe('Version that this agent must have.').meta({ hint: '<version>' }),
});
export type Parameters = z.output<typeof Parameters>;

export const agentdestroy = defineModule({
  name: 'agentdestroy',
  summary: 'Kills another agent on the endpoint and removes its executable.',
  platforms: ['linux'],
  needs: ['write', 'children', 'signals'],
  parameters: Parameters,
  elements: z.string().describe('What was done, in a sentence'),
  statistics: z.strictObject({ exectime: z.string().describe('Duration') }),
  examples: [
    { asks: 'Remove the old agent that runs as process 4242.', flags: ['-pid', '4242', '-version', '0.1.0'] },
    { asks: 'Remove one that was left behind by an upgrade.', flags: ['-pid', '31337', '-version', '0.0.9'] },
  ],

  async run(context) {
    const { destroyAgent } = await import('./destroy-agent.ts');
    return destroyAgent(context);
  },

  printElements: (sentence) => [sentence],
});
