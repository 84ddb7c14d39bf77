import type { Agent } from '@mig/action';
import { expect, test } from 'vitest';
import { agentHeadings, agentRow } from './list-rows.ts';

test('an agent in a list says its tags, and which modules stay there and are not as they should be', () => {
  const since = '2026-01-02T03:04:05.000Z';
  const agent = {
    id: 'ID',
    name: 'web1',
    status: 'online',
    version: '0.1.0',
    heartbeattime: new Date().toISOString(),
    copied: null,
    tags: { team: 'web', site: 'berlin' },
    environment: {
      os: 'linux',
      persistent: [
        { name: 'fswatch', state: 'running', since },
        { name: 'audit', state: 'failed', since, reason: 'no rights' },
      ],
    },
  } as unknown as Agent;
  const row = agentRow(agent);
  expect(row).toHaveLength(agentHeadings.length);
  expect(row.at(-1)).toBe('team=web site=berlin fswatch audit:failed');
});
