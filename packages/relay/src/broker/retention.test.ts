import { createUuid, topicsOf, type Uuid } from '@mig/action';
import { expect, test } from 'vitest';
import { createRetention } from './retention.ts';

const topics = topicsOf('testfleet');

async function found(kept: ReturnType<typeof createRetention>, filters: string[]): Promise<string[]> {
  const packets: { topic: string }[] = await kept.createRetainedStreamCombi(filters).toArray();
  return packets.map(({ topic }) => topic);
}

test('presence is found by who subscribes to it; nothing is looked for when an agent subscribes to what is said to it', async () => {
  const kept = createRetention();
  const agents: Uuid[] = [createUuid(), createUuid()];
  const there = agents.map((id) => topics.presence(id));
  // The broker refuses to retain the second: were it here, it would have to be looked for.
  for (const topic of [...there, topics.command(agents[0]!)]) {
    const packet = {
      cmd: 'publish',
      topic,
      payload: 'x',
      qos: 1,
      retain: true,
      dup: false,
      brokerId: 'b',
      brokerCounter: 0,
    };
    await (kept.storeRetained as (packet: object) => Promise<void> | void)(packet);
  }
  expect(await found(kept, [topics.fromAnyAgent('presence')])).toEqual(there);
  expect(await found(kept, [there[1]!, topics.fromAnyAgent('result')])).toEqual([there[1]]);
  expect(await found(kept, [topics.command(agents[0]!), topics.cancel(agents[0]!)])).toEqual([]);
});
