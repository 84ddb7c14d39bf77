/**
 * The tables of the fingerprint search: three places, eight buckets. A byte may stand in a bucket's place when both its
 * nibbles are marked with the bucket's bit (the Teddy algorithm of Hyperscan, with sets for places).
 */
import { bestFingerprint, fingerprintLength, fingerprintLikelihood, type Sequence } from './required-sequences.ts';
import type { Sought } from './sequence-entries.ts';

const bucketCount = 8;
const mostSequences = 512;

/** Above this likelihood a search for candidates costs more than it saves. */
const tooLikely = 1 / 128;

export interface FingerprintTables {
  /** 16 bytes of low nibbles and 16 of high ones for each place. */
  readonly tables: Uint8Array;
  /** What is to be found by the fingerprints of each bucket. */
  readonly buckets: readonly (readonly Sought[])[];
}

interface Bucket {
  /** The bytes of all its fingerprints, place by place. */
  readonly places: Sequence;
  readonly likelihood: number;
  readonly members: readonly Sought[];
}

/** How one of `sequences` is found; undefined when they are too many or too likely. */
export function fingerprintTables(sequences: readonly Sequence[]): FingerprintTables | undefined {
  if (sequences.length > mostSequences) return undefined;
  const buckets = intoBuckets(sequences);
  if (buckets.reduce((sum, { likelihood }) => sum + likelihood, 0) > tooLikely) return undefined;
  const tables = new Uint8Array(fingerprintLength * 32);
  buckets.forEach(({ places }, bucket) => {
    places.forEach((set, place) => {
      for (const byte of set) {
        tables[place * 32 + (byte & 15)]! |= 1 << bucket;
        tables[place * 32 + 16 + (byte >> 4)]! |= 1 << bucket;
      }
    });
  });
  return { tables, buckets: buckets.map(({ members }) => members) };
}

/** Merges neighbours in the order of their bytes, the cheapest pair first, until there is a bucket for each. */
function intoBuckets(sequences: readonly Sequence[]): Bucket[] {
  const buckets = sequences.map(bucketOf).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  while (buckets.length > bucketCount) {
    let cheapest = 0;
    let least = Infinity;
    for (let i = 0; i + 1 < buckets.length; i++) {
      const cost = merge(buckets[i]!, buckets[i + 1]!).likelihood - buckets[i]!.likelihood - buckets[i + 1]!.likelihood;
      if (cost < least) {
        least = cost;
        cheapest = i;
      }
    }
    buckets.splice(cheapest, 2, merge(buckets[cheapest]!, buckets[cheapest + 1]!));
  }
  return buckets;
}

function bucketOf(sequence: Sequence): Bucket {
  const fingerprint = bestFingerprint(sequence);
  return { ...fingerprint, members: [{ sequence, fingerprint }] };
}

function merge(a: Bucket, b: Bucket): Bucket {
  const places = a.places.map((set, i) => [...new Set([...set, ...b.places[i]!])]);
  return { places, likelihood: fingerprintLikelihood(places), members: [...a.members, ...b.members] };
}

function key({ places }: Bucket): string {
  return places.map((set) => String.fromCharCode(set[0]!)).join('');
}
