/** `mig agents`: who is in the fleet. */
import { hostname } from 'node:os';
import { type Agent, AgentStatus } from '@mig/action';
import { listAgents } from '@mig/api';
import { copiedRemark } from '../fleet/copied-identity.ts';
import { agentHeadings, agentRow } from '../fleet/list-rows.ts';
import { tableLines } from '../fleet/table.ts';
import { Misuse } from '../misuse.ts';
import type { Command } from './command.ts';
import { noWords, readWords } from './read-words.ts';
import { withPlatform } from './with-platform.ts';

const kinds = { t: 'value', status: 'value', name: 'value', json: 'switch' } as const;

export const agents: Command = {
  names: ['agents'],
  usage: 'mig agents [-t TARGET] [-status STATUS] [-json]',
  summary: 'Lists the agents that a target selects, or all.',
  options: kinds,
  help: [
    'mig agents [-t TARGET] [-status online|idle|offline|destroyed] [-name TEXT] [-json]',
    '',
    'Examples:',
    '  mig agents -t online',
    '  mig agents -t "copied IS NOT NULL"        whose identity runs on two machines',
    `  mig agents -t "environment->>'os'='linux' AND name LIKE '%web%'"`,
  ],
  run(words, terminal, context) {
    const { options, others } = readWords('agents', words, kinds);
    noWords('agents', others);
    const status = AgentStatus.optional().safeParse(options.status);
    if (!status.success) {
      throw new Misuse(`agents: -status: expected ${AgentStatus.options.join(', ')}, got '${options.status}'`);
    }
    const query = { target: options.t, hostname: hostname(), status: status.data, name: options.name };
    return withPlatform(context, async (platform) => {
      const listed: Agent[] = [];
      let count = 0;
      for await (const agent of platform.items(listAgents, { query: { ...query, limit: 1000 } })) {
        count++;
        if (count % 1000 === 0) terminal.progress(`${count} agents so far`);
        if (options.json) {
          terminal.print(JSON.stringify(agent));
          continue;
        }
        listed.push(agent);
      }
      if (!options.json) for (const line of tableLines(listed.map(agentRow), agentHeadings)) terminal.print(line);
      terminal.remark(`${count} ${count === 1 ? 'agent' : 'agents'}`);
      const copied = copiedRemark(listed);
      if (copied !== undefined) terminal.remark(copied);
      return 0;
    });
  },
};
