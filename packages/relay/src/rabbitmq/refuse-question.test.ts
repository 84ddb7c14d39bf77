import { createUuid, topicsOf } from '@mig/action';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refuseQuestion, userOf } from './refuse-question.ts';

const fleet = 'my.lab';
const [mine, other] = [createUuid(), createUuid()];
const agent = { role: 'agent', agentId: mine } as const;
const platform = { role: 'platform' } as const;
const asKey = (topic: string) => topic.replaceAll('/', '.').replaceAll('+', '*');
const topics = topicsOf(fleet);
const ofAgent = (path: string, question: Record<string, string>) =>
  refuseQuestion(agent, fleet, path, { client_id: mine, ...question });
const topic = (permission: string, key: string) =>
  ofAgent('/topic', { name: 'amq.topic', permission, routing_key: asKey(key) });

describe('RabbitMQ is told', () => {
  test('who a user is by the common name of the certificate, and of nobody else', () => {
    expect(userOf({ username: mine })).toEqual(agent);
    expect(userOf({ username: 'platform' })).toEqual(platform);
    for (const username of ['', 'guest', 'Platform', `${mine} `, `${mine}.x`])
      expect(userOf({ username })).toBeUndefined();
    expect(userOf({})).toBeUndefined();
  });

  test('that an agent speaks for itself and hears what is said to it', () => {
    expect(topic('write', topics.result(mine))).toBeUndefined();
    expect(topic('write', topics.presence(mine))).toBeUndefined();
    expect(topic('read', topics.toAgent(mine))).toBeUndefined();
    expect(topic('read', topics.command(mine))).toBeUndefined();
  });

  test.each([
    ['write', topics.result(other)],
    ['write', topics.command(mine)],
    ['read', topics.result(mine)],
    ['read', topics.toAgent(other)],
    ['read', '#'],
    ['read', 'mig/#'],
    ['read', `mig/${fleet}/agent/+/to/+`],
    ['read', `mig/${fleet}/agent/${mine}/#`],
    ['configure', topics.result(mine)],
    ['', topics.result(mine)],
    ['write', `mig/${fleet}/agent/${mine}/from/result/more`],
    ['write', `mig/my/lab/agent/${mine}/from/nothing`],
  ])('that an agent may not %s %s', (permission, key) => {
    expect(topic(permission, key)).toMatch(/is not one that this agent may/);
  });

  test('that an agent comes under its own client id, and uses the exchange and its own queues', () => {
    expect(ofAgent('/vhost', {})).toBeUndefined();
    expect(ofAgent('/vhost', { client_id: other })).toMatch(/is not the agent's/);
    expect(refuseQuestion(platform, fleet, '/vhost', { client_id: other })).toMatch(/is an agent's/);
    const queue = (name: string) => ofAgent('/resource', { resource: 'queue', name, permission: 'read' });
    expect(queue(`mqtt-subscription-${mine}qos1`)).toBeUndefined();
    for (const name of [`mqtt-subscription-${other}qos1`, `mqtt-subscription-${mine}qos2`, 'mqtt-subscription-', '']) {
      expect(queue(name)).toMatch(/has a use for/);
    }
    const exchange = (name: string, permission: string) =>
      ofAgent('/resource', { resource: 'exchange', name, permission });
    expect(exchange('amq.topic', 'write')).toBeUndefined();
    expect(exchange('amq.topic', 'configure')).toMatch(/has a use for/);
    expect(exchange('amq.direct', 'write')).toMatch(/has a use for/);
    expect(ofAgent('/resource', { resource: 'topic', name: 'amq.topic', permission: 'write' })).toMatch(
      /has a use for/,
    );
  });

  test('that the platform has its fleet, and no other', () => {
    const key = (routing: string) =>
      refuseQuestion(platform, fleet, '/topic', { name: 'amq.topic', permission: 'read', routing_key: routing });
    expect(key(asKey(topics.fromAnyAgent('result')))).toBeUndefined();
    for (const wide of ['#', 'mig.#', 'mig.other.agent.*.from.result', 'mig.my.labs.x'])
      expect(key(wide)).toMatch(/too wide/);
  });

  test('no to whatever else it asks', () => {
    expect(ofAgent('/', {})).toMatch(/no question/);
    expect(
      ofAgent('/topic', { name: 'amq.direct', permission: 'write', routing_key: asKey(topics.result(mine)) }),
    ).toMatch(/is not amq.topic/);
    const word = fc.constantFrom(
      'mig',
      'my',
      'lab',
      'agent',
      mine,
      other,
      'to',
      'from',
      '*',
      '#',
      'result',
      'command',
      '',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.constantFrom('read', 'write'), (words, permission) => {
        const key = words.join('.');
        if (ofAgent('/topic', { name: 'amq.topic', permission, routing_key: key }) !== undefined) return;
        const direction = permission === 'read' ? '(to)\\.([a-z]+|[*#])' : '(from)\\.[a-z]+';
        expect(key).toMatch(new RegExp(`^mig\\.my\\.lab\\.agent\\.${mine}\\.${direction}$`));
      }),
      { numRuns: 3000 },
    );
  });
});
