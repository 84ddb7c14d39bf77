/** `query`: which agents a target selects. */
import { hostname } from 'node:os';
import type { Agent } from '@mig/action';
import { countTarget, listAgents } from '@mig/api';
import { printable } from '@mig/module';
import { copiedRemark } from '../../fleet/copied-identity.ts';
import { countLine } from '../../fleet/count-line.ts';
import { agentHeadings, agentRow } from '../../fleet/list-rows.ts';
import { tableLines } from '../../fleet/table.ts';
import { Misuse } from '../../misuse.ts';
import type { Order, Session } from '../mode.ts';

export const query: Order = {
  names: ['query'],
  usage: 'query TARGET',
  summary: 'Shows which agents a macro or a condition selects.',
  help: ['Examples:', '  query online', `  query environment->>'os'='linux' AND name LIKE '%web%'`],
  async run(rest, session) {
    const target = rest.replace(/^target\s+/, '');
    if (target === '') throw new Misuse('query: expected a macro or a condition, got nothing');
    await printTargeted(target, session);
  },
};

/** Prints how many agents `target` selects, and which. */
export async function printTargeted(target: string, { platform, terminal, page }: Session): Promise<void> {
  const counted = await platform.call(countTarget, { body: { target, hostname: hostname() } });
  if (counted.condition !== target) terminal.remark(`target: ${printable(counted.condition)}`);
  if (counted.count === 0) return terminal.remark('the target selects no agent');
  const agents: Agent[] = [];
  for await (const agent of platform.items(listAgents, { query: { target, hostname: hostname() } })) {
    agents.push(agent);
  }
  await page(tableLines(agents.map(agentRow), agentHeadings));
  const copied = copiedRemark(agents);
  if (copied !== undefined) terminal.remark(copied);
  terminal.remark(countLine(counted));
}
