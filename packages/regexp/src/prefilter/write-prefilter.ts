/** Puts a prefilter where the kernel reads it. */
import { layout } from '../kernel/layout.ts';
import type { Prefilter } from './prefilter.ts';

/** Writes the tables of `prefilter` into the memory of a kernel. */
export function writePrefilter(prefilter: Prefilter, memory: Uint8Array): void {
  switch (prefilter.kind) {
    case 'fingerprints':
      memory.set(prefilter.tables, layout.fingerprints);
      return;
    case 'longRun':
      memory.set(prefilter.members, layout.members);
      return;
    case 'pair': {
      const { first, second, distance } = prefilter;
      memory.set([first.mask, first.value, second.mask, second.value, distance], layout.pair);
    }
  }
}
