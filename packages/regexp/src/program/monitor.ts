/**
 * The condition that a thread carries after it took a lead byte for invalid: what follows must not complete the lead.
 * A monitor is a number from 0 (nothing to watch) to 7; RFC 3629 section 4 has the table of valid encodings.
 */

export const monitorCount = 8;

/** What `stepMonitor` gives when the encoding turned out valid: the thread took a wrong turn and ends. */
export const refuted = -1;

/** `[low, high, next]` of the byte that goes on completing, by monitor; next 0 completes. */
const completing: readonly (readonly [number, number, number])[] = [
  [1, 0, 0],
  [0x80, 0xbf, 0],
  [0x80, 0xbf, 1],
  [0x80, 0xbf, 2],
  [0xa0, 0xbf, 1],
  [0x80, 0x9f, 1],
  [0x90, 0xbf, 2],
  [0x80, 0x8f, 2],
];

/** The monitor after `lead` was taken for invalid; 0 when it can begin nothing. */
export function startMonitor(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 1;
  if (lead === 0xe0) return 4;
  if (lead === 0xed) return 5;
  if (lead < 0xf0) return 2;
  if (lead === 0xf0) return 6;
  return lead === 0xf4 ? 7 : 3;
}

/** The monitor after the next byte, or `refuted`. */
export function stepMonitor(monitor: number, byte: number): number {
  if (monitor === 0) return 0;
  const [low, high, next] = completing[monitor]!;
  if (byte < low || byte > high) return 0;
  return next === 0 ? refuted : next;
}

/** First bytes of the ranges of bytes that monitors tell apart. */
export const monitorBoundaries: readonly number[] = [
  0x80, 0x90, 0xa0, 0xc0, 0xc2, 0xe0, 0xe1, 0xed, 0xee, 0xf0, 0xf1, 0xf4, 0xf5,
];
