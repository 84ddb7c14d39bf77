/** Base64 (RFC 4648) from and to bytes, in any runtime, strict on reading. */

/** Writes `bytes` in standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(binary);
}

/**
 * Reads standard or URL-safe base64 with padding; DSSE allows both alphabets. Returns undefined for anything else:
 * white space, missing padding, mixed alphabets, or bits left over, so that one text has one reading.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const isUrlSafe = /[-_]/.test(text);
  if (isUrlSafe && /[+/]/.test(text)) return undefined;
  const standard = isUrlSafe ? text.replaceAll('-', '+').replaceAll('_', '/') : text;
  if (standard.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(standard)) return undefined;
  const binary = atob(standard);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  const hasBitsLeftOver = btoa(binary.slice(bytes.length - (bytes.length % 3))) !== standard.slice(-4);
  return bytes.length % 3 !== 0 && hasBitsLeftOver ? undefined : bytes;
}
