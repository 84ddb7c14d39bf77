import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createUuid } from '../identifiers/uuid.ts';
import { type MessageKind, messageKinds } from './kinds.ts';
import { mayAgentPublish, mayAgentSubscribe, parseTopic, topicsOf } from './topics.ts';

const topics = topicsOf('lab');
const mine = createUuid();
const other = createUuid();
const place = { fleet: 'lab', agentId: mine };
const kinds = Object.keys(messageKinds) as MessageKind[];

describe('topics', () => {
  test('are one subtree for each agent, with a direction and a kind', () => {
    expect(kinds.map((kind) => topics[kind](mine))).toEqual([
      `mig/lab/agent/${mine}/to/command`,
      `mig/lab/agent/${mine}/to/cancel`,
      `mig/lab/agent/${mine}/to/acknowledgement`,
      `mig/lab/agent/${mine}/from/hello`,
      `mig/lab/agent/${mine}/from/heartbeat`,
      `mig/lab/agent/${mine}/from/presence`,
      `mig/lab/agent/${mine}/from/result`,
      `mig/lab/agent/${mine}/from/alert`,
    ]);
    expect(topics.toAgent(mine)).toBe(`mig/lab/agent/${mine}/to/+`);
    expect(topics.fromAnyAgent('result')).toBe('mig/lab/agent/+/from/result');
  });

  test('are read back', () => {
    for (const kind of kinds) expect(parseTopic(topics[kind](mine))).toEqual({ fleet: 'lab', agentId: mine, kind });
  });

  test.each(['+', '#', 'a/b', '', `${'0'.repeat(8)}`, '../x', '01909B4E-7D2A-7C3E-9A40-5B0F1A2B3C4D'])(
    'cannot be made for the agent %j',
    (id) => {
      for (const kind of kinds) expect(() => topics[kind](id)).toThrow("agent's id is '");
      expect(() => topics.toAgent(id)).toThrow("agent's id is '");
    },
  );

  test.each(['+', '#', 'a/b', '', '$SYS', 'Lab', ' lab', 'x'.repeat(64)])(
    'cannot be made for the fleet %j',
    (fleet) => {
      expect(() => topicsOf(fleet)).toThrow("fleet is '");
    },
  );

  test.each([
    'mig/lab/agent',
    `mig/lab/agent/${mine}`,
    `mig/lab/agent/${mine}/from`,
    `mig/lab/agent/${mine}/from/command`,
    `mig/lab/agent/${mine}/to/result`,
    `mig/lab/agent/${mine}/to/toString`,
    `mig/lab/agent/${mine}/to/command/`,
    `mig/lab/agent/+/to/command`,
    `mig/+/agent/${mine}/to/command`,
    `/mig/lab/agent/${mine}/to/command`,
    '$SYS/broker/uptime',
    '',
  ])('%j is none of them', (topic) => {
    expect(parseTopic(topic)).toBeUndefined();
  });
});

describe('what an agent may do on the relay', () => {
  test('it publishes what it says itself, and nothing else', () => {
    const from = kinds.filter((kind) => messageKinds[kind].direction === 'from');

    expect(kinds.filter((kind) => mayAgentPublish(place, topics[kind](mine)))).toEqual(from);
    expect(kinds.filter((kind) => mayAgentPublish(place, topics[kind](other)))).toEqual([]);
    expect(kinds.filter((kind) => mayAgentPublish(place, topicsOf('prod')[kind](mine)))).toEqual([]);
  });

  test('it subscribes to what is said to it, and nothing else', () => {
    const to = kinds.filter((kind) => messageKinds[kind].direction === 'to');

    expect(kinds.filter((kind) => mayAgentSubscribe(place, topics[kind](mine)))).toEqual(to);
    expect(kinds.filter((kind) => mayAgentSubscribe(place, topics[kind](other)))).toEqual([]);
    expect(mayAgentSubscribe(place, topics.toAgent(mine))).toBe(true);
    expect(mayAgentSubscribe(place, topics.toAgent(other))).toBe(false);
  });

  test.each([
    '#',
    '+/#',
    'mig/#',
    'mig/lab/agent/+/to/command',
    'mig/lab/agent/+/to/+',
    `mig/+/agent/${mine}/to/command`,
    `mig/lab/agent/${mine}/#`,
    `mig/lab/agent/${mine}/+/command`,
    `mig/lab/agent/${mine}/from/+`,
    `mig/lab/agent/${mine}/to/command/#`,
    `$share/group/mig/lab/agent/${mine}/to/command`,
    '$SYS/#',
  ])('it cannot subscribe to %j', (filter) => {
    expect(mayAgentSubscribe(place, filter)).toBe(false);
  });

  test('whatever levels it puts together, it reads and writes only its own subtree', () => {
    const level = fc.constantFrom('mig', 'lab', 'agent', mine, other, 'to', 'from', '+', '#', '', '$share', ...kinds);
    fc.assert(
      fc.property(fc.array(level, { maxLength: 8 }), (levels) => {
        const name = levels.join('/');
        if (mayAgentPublish(place, name)) expect(name).toMatch(new RegExp(`^mig/lab/agent/${mine}/from/[a-z]+$`));
        if (mayAgentSubscribe(place, name))
          expect(name).toMatch(new RegExp(`^mig/lab/agent/${mine}/to/([a-z]+|[+#])$`));
      }),
      { numRuns: 2000 },
    );
  });
});
