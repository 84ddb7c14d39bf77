/**
 * Paths whose bytes may not be UTF-8. A path is a string as long as it can be; where it cannot, it is the bytes, so that
 * the file can be opened. People see bytes that are not UTF-8 as `\xNN`.
 */

export type RawPath = string | Buffer;

/** Longest path that an element can hold, in bytes of UTF-8. */
const longestShown = 4096;

/** `parent/name`. */
export function joinPath(parent: RawPath, name: RawPath): RawPath {
  if (typeof parent === 'string' && typeof name === 'string')
    return parent.endsWith('/') ? parent + name : `${parent}/${name}`;
  const bytes = Buffer.from(parent);
  return Buffer.concat([bytes, Buffer.from(bytes.at(-1) === 0x2f ? '' : '/'), Buffer.from(name)]);
}

/**
 * The path as text, from which its bytes can be told: those that are not UTF-8 are written `\xNN`, and so is a backslash
 * before an x. Only a path that would be longer than an element may be loses its middle, for `…`.
 */
export function showPath(path: RawPath): string {
  const text = typeof path === 'string' ? path.replaceAll('\\x', '\\x5cx') : showBytes(path);
  return text.length * 3 > longestShown && Buffer.byteLength(text) > longestShown ? shorten(text) : text;
}

function showBytes(path: Buffer): string {
  let shown = '';
  for (let at = 0; at < path.length; ) {
    const width = validWidth(path, at);
    const part = path.subarray(at, at + Math.max(width, 1));
    const isEscaped = width === 0 || (part[0] === 0x5c && path[at + 1] === 0x78);
    shown += isEscaped ? `\\x${part[0]!.toString(16).padStart(2, '0')}` : part.toString();
    at += part.length;
  }
  return shown;
}

/** Bytes of the character at `at`, 0 when they are not UTF-8: it decodes to the replacement character and is none. */
function validWidth(bytes: Buffer, at: number): number {
  const lead = bytes[at]!;
  const width = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const part = bytes.subarray(at, at + width);
  return part.equals(Buffer.from(part.toString())) && part.length === width ? width : 0;
}

function shorten(text: string): string {
  const characters = [...text];
  const half = Math.floor((longestShown - 3) / 8);
  return `${characters.slice(0, half).join('')}…${characters.slice(-half).join('')}`;
}
