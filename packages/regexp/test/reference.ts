/** What re2js, which nobody here wrote, says of a pattern and bytes. It knows texts, so that bytes are decoded as Go does. */
import { RE2JS } from 're2js';

export interface Reference {
  find(bytes: Uint8Array): { start: number; end: number } | undefined;
  /** Per line of `bytes`, whether it matches. */
  lines(bytes: Uint8Array): boolean[];
}

/** The reference for `pattern`; undefined where re2js refuses it. */
export function reference(pattern: string): Reference | undefined {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
  return {
    find(bytes) {
      const { text, offsets } = decode(bytes);
      const matcher = compiled.matcher(text);
      return matcher.find() ? { start: offsets[matcher.start()]!, end: offsets[matcher.end()]! } : undefined;
    },
    lines: (bytes) => linesOf(bytes).map((line) => compiled.matcher(decode(line).text).find()),
  };
}

/** The lines of `bytes`, without their newlines. */
export function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(10, at);
    const end = newline < 0 ? bytes.length : newline;
    lines.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return lines;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of `bytes`, an invalid byte as U+FFFD, and the byte that each place of the text (and its end) stands at. */
function decode(bytes: Uint8Array): { text: string; offsets: number[] } {
  let text = '';
  const offsets: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    let width = 1;
    let character = '\ufffd';
    if (bytes[at]! < 0x80) character = String.fromCharCode(bytes[at]!);
    else
      for (const length of [1, 2, 3, 4]) {
        try {
          const decoded = strict.decode(bytes.subarray(at, at + length));
          if ([...decoded].length !== 1) break;
          [width, character] = [length, decoded];
          break;
        } catch {
          // Not an encoding of this length.
        }
      }
    offsets.push(at);
    if (character.length === 2) offsets.push(at);
    text += character;
    at += width;
  }
  offsets.push(bytes.length);
  return { text, offsets };
}
