/**
 * Paths whose bytes may not be UTF-8. A path is a string as long as it can be; where it cannot, it is the bytes, so that
 * the file can be opened, and people see the bytes written `\xNN`.
 */

export type RawPath = string | Buffer;

/** `parent/name`. */
export function joinPath(parent: RawPath, name: RawPath): RawPath {
  if (typeof parent === 'string' && typeof name === 'string')
    return parent.endsWith('/') ? parent + name : `${parent}/${name}`;
  const bytes = Buffer.from(parent);
  return Buffer.concat([bytes, Buffer.from(bytes.at(-1) === 0x2f ? '' : '/'), Buffer.from(name)]);
}

/** The path as text: bytes that are not UTF-8, and the backslashes before an x in such a path, are written `\xNN`. */
export function showPath(path: RawPath): string {
  if (typeof path === 'string') return path;
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
