/** A socket address as audit records hold it: struct sockaddr in hexadecimal (sockaddr(3type)). */

/** `inet 192.0.2.1:443`, `inet6 [::1]:22`, `unix /run/x`; undefined for other families. */
export function decodeSocketAddress(hex: string): string | undefined {
  if (!/^([0-9A-F]{2}){2,}$/.test(hex)) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  const family = bytes.readUInt16LE(0);
  if (family === 2 && bytes.length >= 8) return `inet ${[...bytes.subarray(4, 8)].join('.')}:${bytes.readUInt16BE(2)}`;
  if (family === 10 && bytes.length >= 24) {
    const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(8 + 2 * i).toString(16));
    return `inet6 [${words.join(':')}]:${bytes.readUInt16BE(2)}`;
  }
  if (family !== 1) return undefined;
  // A name that begins with NUL is abstract, and written with @ (unix(7)).
  const name = bytes.subarray(2);
  if (name[0] === 0 && name.length > 1) return `unix @${name.subarray(1).toString().replace(/\0+$/, '')}`;
  const end = name.indexOf(0);
  return `unix ${name.subarray(0, end === -1 ? undefined : end).toString()}`;
}
