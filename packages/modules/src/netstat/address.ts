/** IPv4 and IPv6 addresses and networks as numbers. Pure: validation in a browser uses it too. */

/** An address as its bytes, 4 or 16 of them. */
export type AddressBytes = readonly number[];

export interface Network {
  readonly bytes: AddressBytes;
  /** Leading bits that count. */
  readonly prefix: number;
}

/** Reads an address (RFC 4291 section 2.2 for IPv6); undefined when it is none. */
export function parseAddress(text: string): AddressBytes | undefined {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

function parseIPv4(text: string): AddressBytes | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIPv6(text: string): AddressBytes | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : parseGroups(half)));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const missing = 16 - head.length - tail!.length;
  return missing >= 2 ? [...head, ...Array<number>(missing).fill(0), ...tail!] : undefined;
}

/** Groups of hexadecimal digits, the last of which may be an IPv4 address. */
function parseGroups(text: string): number[] | undefined {
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [i, group] of groups.entries()) {
    const embedded = i === groups.length - 1 && group.includes('.') ? parseIPv4(group) : undefined;
    if (embedded !== undefined) bytes.push(...embedded);
    else if (/^[0-9a-fA-F]{1,4}$/.test(group))
      bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff);
    else return undefined;
  }
  return bytes;
}

/** Reads an address, or a network in CIDR form; undefined when it is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const bytes = parseAddress(address);
  if (bytes === undefined || rest.length > 0) return undefined;
  const bits = bytes.length * 8;
  if (prefix === undefined) return { bytes, prefix: bits };
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits ? { bytes, prefix: Number(prefix) } : undefined;
}

/** Whether `network` holds `address`. An IPv4 address that an IPv6 socket carries counts as the IPv4 address. */
export function holds(network: Network, address: AddressBytes): boolean {
  const bytes = network.bytes.length === 4 ? unmapped(address) : address;
  if (bytes.length !== network.bytes.length) return false;
  return network.bytes.every((byte, i) => {
    const bits = Math.min(8, Math.max(0, network.prefix - i * 8));
    return ((byte ^ bytes[i]!) & (0xff00 >> bits) & 0xff) === 0;
  });
}

/** The IPv4 address in `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2); other addresses as they are. */
export function unmapped(bytes: AddressBytes): AddressBytes {
  const isMapped =
    bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return isMapped ? bytes.slice(12) : bytes;
}

/** Writes an address as RFC 5952 says: the longest run of zero groups, two or more, as `::`; mapped IPv4 as IPv4. */
export function formatAddress(given: AddressBytes): string {
  const bytes = unmapped(given);
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}
