/** The queues of the destinations in a state directory, found again by what the destinations are. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Destination } from './destination.ts';
import { DiskQueue } from './disk-queue.ts';

export interface OpenQueues {
  readonly queues: readonly { readonly destination: Destination; readonly queue: DiskQueue }[];
  /** Alerts that waited for destinations that are none any more: they are gone. */
  readonly left: number;
}

/** Opens a queue for each destination, and removes those of others. Throws what the file system throws. */
export async function openQueues(
  directory: string,
  destinations: readonly Destination[],
  log: (message: string) => void,
): Promise<OpenQueues> {
  const seen = new Map<string, number>();
  const names = destinations.map(({ kind, name }) => {
    // Two destinations of one name differ in what a name does not show: they keep their order.
    const same = seen.get(`${kind} ${name}`) ?? 0;
    seen.set(`${kind} ${name}`, same + 1);
    return `${kind}-${createHash('sha256').update(`${name}\n${same}`).digest('hex').slice(0, 16)}.jsonl`;
  });
  const queues = await Promise.all(
    destinations.map(async (destination, at) => {
      const named = `${destination.kind} ${destination.name}`;
      const queue = await DiskQueue.open(join(directory, names[at]!), (text) => log(`${named}: ${text}`));
      if (queue.damaged > 0) log(`${named}: ${queue.damaged} lines of its queue were damaged, and are lost`);
      return { destination, queue };
    }),
  );
  let left = 0;
  for (const name of await readdir(directory)) {
    if (names.includes(name) || !name.endsWith('.jsonl')) continue;
    const queue = await DiskQueue.open(join(directory, name), log);
    left += queue.waiting.length + queue.untold;
    await queue.remove();
  }
  if (left > 0) log(`${left} alerts were dropped: their destination is not configured any more`);
  return { queues, left };
}
