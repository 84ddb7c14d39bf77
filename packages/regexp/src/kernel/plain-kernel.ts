/** The kernel in plain TypeScript: the reference that the other is tested against, and what serves where it cannot run. */
import type { Kernel } from './kernel.ts';
import { layout, pages } from './layout.ts';

export function createPlainKernel(): Kernel {
  const memory = new ArrayBuffer(pages * 65_536);
  const bytes = new Uint8Array(memory);
  const entries = new Int32Array(memory);
  let stoppedIn = 0;
  return {
    memory,
    state: () => stoppedIn,
    run(at, end, from, table) {
      const base = table / 4;
      let now = from;
      for (; at < end; at++) {
        const next = entries[base + now + bytes[layout.classes + bytes[at]!]!]!;
        if (next < 0) {
          stoppedIn = next === -1 ? now : next;
          return next === -1 ? ~at : at + 1;
        }
        now = next;
      }
      stoppedIn = now;
      return at;
    },
    candidate(at, end) {
      for (; at < end; at++) {
        let buckets = 255;
        for (let place = 0; place < 3; place++) {
          const byte = bytes[at + place]!;
          const tables = layout.fingerprints + place * 32;
          buckets &= bytes[tables + (byte & 15)]! & bytes[tables + 16 + (byte >> 4)]!;
        }
        if (buckets !== 0) return at;
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
}
