/** Puts a prefilter where the kernel reads it. */
import { layout } from '../kernel/layout.ts';
import type { Prefilter } from './prefilter.ts';
import { sequenceEntries } from './sequence-entries.ts';

/** Writes the tables of `prefilter` into the memory of a kernel. */
export function writePrefilter(prefilter: Prefilter, memory: Uint8Array): void {
  switch (prefilter.kind) {
    case 'fingerprints':
      memory.set(prefilter.tables, layout.fingerprints);
      memory.set(sequenceEntries(prefilter.buckets), layout.sequences);
      return;
    case 'longRun':
      memory.set(prefilter.members, layout.members);
      return;
    case 'forms':
      prefilter.forms.forEach(({ mask, value, distance }, i) => {
        memory.set([mask, value, distance], layout.forms + i * 3);
      });
      memory[layout.forms + 9] = prefilter.rare;
  }
}
