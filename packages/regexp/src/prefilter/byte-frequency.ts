/** How often each byte occurs, roughly, in what is searched: text, source, configuration, some binaries. */

const letters = 'etaoinsrhldcumfpgwybvkxjqz';

/** The share of each byte, 0 to 1; they add up to about 1. */
export const byteFrequency: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  const letter = letters.indexOf(String.fromCharCode(byte).toLowerCase());
  if (byte >= 0x61 && byte <= 0x7a) return 0.065 * 0.9 ** letter;
  if (byte >= 0x41 && byte <= 0x5a) return 0.008 * 0.93 ** letter;
  if (byte === 0x20) return 0.11;
  if (byte === 0x0a) return 0.025;
  if (byte === 0) return 0.03;
  if (byte >= 0x30 && byte <= 0x39) return 0.01;
  if ('.-_/,;:=()"\'<>'.includes(String.fromCharCode(byte))) return 0.012;
  return byte < 0x80 ? 0.003 : 0.0012;
});

/** The share of the bytes in `set`. */
export function shareOf(set: readonly number[]): number {
  return Math.min(
    1,
    set.reduce((sum, byte) => sum + byteFrequency[byte]!, 0),
  );
}
