/** The kernel's tables below /proc/PID/net, read as text (proc(5)). */
import { type AddressBytes, parseAddress } from './address.ts';

/** A socket of /proc/net/{tcp,tcp6,udp,udp6}. */
export interface SocketEntry {
  readonly local: AddressBytes;
  readonly localPort: number;
  readonly remote: AddressBytes;
  readonly remotePort: number;
  readonly isListening: boolean;
  readonly inode: number;
}

export interface Neighbor {
  readonly address: AddressBytes;
  readonly mac: string;
}

/** State of a TCP socket that listens: TCP_LISTEN of the kernel's net/tcp_states.h. */
const listening = 0x0a;

/** Reads one of the socket tables; a UDP socket listens unless it is connected. Lines that are none are passed over. */
export function parseSockets(text: string, protocol: 'tcp' | 'udp'): SocketEntry[] {
  const line =
    /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2})(?: +\S+){5} +(\d+)/gm;
  return [...text.matchAll(line)].map(([, local, localPort, remote, remotePort, state, inode]) => ({
    local: kernelAddress(local!),
    localPort: Number.parseInt(localPort!, 16),
    remote: kernelAddress(remote!),
    remotePort: Number.parseInt(remotePort!, 16),
    isListening:
      protocol === 'tcp' ? Number.parseInt(state!, 16) === listening : /^0+$/.test(remote!) && remotePort === '0000',
    inode: Number(inode),
  }));
}

/** The kernel prints addresses as 32-bit words in the byte order of the machine, which is little-endian where Node runs on Linux but s390x. */
function kernelAddress(hexadecimal: string): AddressBytes {
  const bytes: number[] = [];
  for (let word = 0; word < hexadecimal.length; word += 8) {
    const parts = [0, 2, 4, 6].map((i) => Number.parseInt(hexadecimal.slice(word + i, word + i + 2), 16));
    bytes.push(...(isLittleEndian ? parts.reverse() : parts));
  }
  return bytes;
}

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Reads /proc/net/arp. An entry without a hardware address is a neighbour that did not answer. */
export function parseArp(text: string): Neighbor[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [address, , flags, mac] = line.trim().split(/\s+/);
      const bytes = parseAddress(address ?? '');
      const isComplete = flags !== undefined && flags !== '0x0' && mac !== undefined && mac !== '00:00:00:00:00:00';
      return bytes === undefined || !isComplete ? [] : [{ address: bytes, mac: mac.toLowerCase() }];
    });
}

/** Reads what `ip -6 neigh show` prints: the kernel keeps its IPv6 neighbours out of /proc. */
export function parseIpNeigh(text: string): Neighbor[] {
  return text.split('\n').flatMap((line) => {
    const [, address, mac] = /^(\S+) .*\blladdr (\S+)/.exec(line) ?? [];
    const bytes = parseAddress(address ?? '');
    return bytes === undefined ? [] : [{ address: bytes, mac: mac!.toLowerCase() }];
  });
}

/** Local addresses of /proc/net/if_inet6, each with its interface. */
export function parseIfInet6(text: string): { readonly address: AddressBytes; readonly name: string }[] {
  return [...text.matchAll(/^([0-9a-f]{32})(?: +[0-9a-f]+){4} +(\S+)$/gm)].map(([, address, name]) => ({
    address: Array.from({ length: 16 }, (_, i) => Number.parseInt(address!.slice(2 * i, 2 * i + 2), 16)),
    name: name!,
  }));
}

/** Local IPv4 addresses of /proc/net/fib_trie: the leaves marked `/32 host LOCAL`. */
export function parseFibTrie(text: string): AddressBytes[] {
  const addresses = new Map<string, AddressBytes>();
  for (const [, address] of text.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)) {
    const bytes = parseAddress(address!);
    if (bytes !== undefined) addresses.set(address!, bytes);
  }
  return [...addresses.values()];
}
