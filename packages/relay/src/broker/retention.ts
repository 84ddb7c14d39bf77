/** What the broker keeps: retained messages, in memory. Clients' sessions are clean, so that there is nothing else. */
import { Readable } from 'node:stream';
import { messageKinds, parseTopic } from '@mig/action';
import memory, { type AedesPersistence } from 'aedes-persistence';

/** The module itself is the function; its types say that it had a default export. */
const createMemory = memory as unknown as () => AedesPersistence;

/**
 * Makes the broker's memory. The library compares each subscription with all that is retained, the presence of every
 * agent: what is said to an agent is never retained, so that nothing is looked for when one subscribes to it.
 */
export function createRetention(): AedesPersistence {
  const kept = createMemory();
  const search = kept.createRetainedStreamCombi.bind(kept);
  kept.createRetainedStreamCombi = (filters) => {
    const wanted = filters.filter((filter) => mayBeRetained(filter));
    return wanted.length === 0 ? Readable.from([]) : search(wanted);
  };
  return kept;
}

/** A filter with a wildcard is none of a single kind, or of all agents. */
function mayBeRetained(filter: string): boolean {
  const topic = parseTopic(filter);
  return topic === undefined || messageKinds[topic.kind].retain;
}
