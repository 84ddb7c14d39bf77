/** Reads UTF-8 as Go does: a byte that begins no valid encoding is U+FFFD, one byte wide (utf8.DecodeRune). */
import { refuted, startMonitor, stepMonitor } from '../program/monitor.ts';

/** How many bytes the character at `at` takes; 1 for an invalid byte. */
export function characterWidth(bytes: Uint8Array, at: number): number {
  let monitor = startMonitor(bytes[at]!);
  for (let end = at + 1; monitor > 0 && end < bytes.length; end++) {
    monitor = stepMonitor(monitor, bytes[end]!);
    if (monitor === refuted) return end + 1 - at;
  }
  return 1;
}

/** The code point of the character at `at` that is `width` wide. */
export function codePointAt(bytes: Uint8Array, at: number, width: number): number {
  const lead = bytes[at]!;
  if (width === 1) return lead < 0x80 ? lead : 0xfffd;
  let codePoint = lead & (0x7f >> width);
  for (let i = 1; i < width; i++) codePoint = (codePoint << 6) | (bytes[at + i]! & 0x3f);
  return codePoint;
}
