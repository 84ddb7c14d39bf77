/** The kernel in plain TypeScript: the reference that the other is tested against, and what serves where it cannot run. */
import { dead, unknown, unmarked } from '../dfa/automaton.ts';
import type { Kernel } from './kernel.ts';
import { layout, pages, seekKinds, sequenceSize } from './layout.ts';

const newline = 10;

export function createPlainKernel(): Kernel {
  const memory = new ArrayBuffer(pages * 65_536);
  const bytes = new Uint8Array(memory);
  const entries = new Int32Array(memory);
  let stoppedIn = 0;
  let checkedBytes = 0;
  let skippedFrom = 0;
  const bucketsAt = (at: number) => {
    let buckets = 255;
    for (let place = 0; place < 3; place++) {
      const byte = bytes[at + place]!;
      const tables = layout.fingerprints + place * 32;
      buckets &= bytes[tables + (byte & 15)]! & bytes[tables + 16 + (byte >> 4)]!;
    }
    return buckets;
  };
  const isInSequence = (at: number, bucket: number) => {
    const index = layout.sequences / 4 + bucket * 2;
    for (let entry = entries[index]!; entry < entries[index + 1]!; entry += sequenceSize) {
      const from = at - entries[entry / 4]!;
      let place = 0;
      while (place < 16 && (bytes[from + place]! & bytes[entry + 16 + place]!) === bytes[entry + 32 + place]!) place++;
      if (place === 16) return true;
    }
    return false;
  };
  const kernel: Kernel = {
    memory,
    state: () => stoppedIn,
    checked: () => checkedBytes,
    skipped: () => skippedFrom,
    run(at, end, from, table) {
      const base = table / 4;
      let now = from;
      for (; at < end; at++) {
        const next = entries[base + now + bytes[layout.classes + bytes[at]!]!]!;
        if (next === unknown) {
          stoppedIn = now;
          return ~at;
        }
        if (next < 0 && (next & dead) === 0) {
          stoppedIn = next;
          return at + 1;
        }
        now = unmarked(next);
        if (next < 0) at = kernel.forward(at + 1, end, newline) - 1;
      }
      stoppedIn = now;
      return end;
    },
    seek(at, end, start, table, kind, length) {
      checkedBytes = 0;
      stoppedIn = start;
      skippedFrom = end;
      while (at < end) {
        const found =
          kind === seekKinds.fingerprints
            ? kernel.sequence(at - 1, end)
            : kind === seekKinds.forms
              ? kernel.forms(at - 1, end)
              : kernel.longRun(at, end, length);
        if (found >= end) {
          stoppedIn = start;
          skippedFrom = kernel.lineStart(end, at);
          return end;
        }
        const from = bytes[found] === newline ? found + 1 : kernel.lineStart(found, at);
        at = Math.min(kernel.forward(from, end, newline) + 1, end);
        checkedBytes += at - from;
        const stop = kernel.run(from, at, start, table);
        if (stop !== at || stoppedIn < 0) return stop;
      }
      return end;
    },
    runLanes: () => -1, // Nothing is gained by running them side by side here: the scan runs each to its end.
    candidate(at, end) {
      for (; at < end; at++) if (bucketsAt(at) !== 0) return at;
      return end;
    },
    sequence(at, end) {
      for (; at < end; at++) {
        const buckets = bucketsAt(at);
        for (let bucket = 0; bucket < 8; bucket++) if (buckets & (1 << bucket) && isInSequence(at, bucket)) return at;
      }
      return end;
    },
    forms(at, end) {
      const forms = [0, 3, 6].map((i) => bytes.subarray(layout.forms + i, layout.forms + i + 3));
      for (; at < end; at++) {
        if (forms.every(([mask, value, distance]) => (bytes[at + distance!]! & mask!) === value)) return at;
      }
      return end;
    },
    forward(at, end, byte) {
      const found = bytes.subarray(0, end).indexOf(byte, at);
      return found < 0 ? end : found;
    },
    lineStart(at, floor) {
      while (at > floor && bytes[at - 1] !== 10) at--;
      return Math.max(at, floor);
    },
    longRun(at, end, length) {
      for (let from = at; from + length <= end; ) {
        let probe = from + length - 1;
        while (probe >= from && bytes[layout.members + bytes[probe]!] !== 0) probe--;
        if (probe < from) return from;
        from = probe + 1;
      }
      return end;
    },
  };
  return kernel;
}
