/** Reads lines of the kernel's tables below /proc/PID/net (proc(5)), and of what `ip` prints of those it keeps elsewhere. */
import { type AddressBytes, parseAddress } from './address.ts';

/** A socket of /proc/net/{tcp,tcp6,udp,udp6}. */
export interface SocketEntry {
  readonly local: AddressBytes;
  readonly localPort: number;
  readonly remote: AddressBytes;
  readonly remotePort: number;
  readonly isListening: boolean;
  /** Identifies it among the descriptors of processes; 0 when no process holds it any more (TIME_WAIT). */
  readonly inode: number;
}

export interface Neighbor {
  readonly address: AddressBytes;
  readonly mac: string;
}

/** State of a TCP socket that listens: TCP_LISTEN of the kernel's net/tcp_states.h. */
const listening = '0A';

const socketLine =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2})(?: +\S+){5} +(\d+)/;

/** A line of a socket table; a UDP socket listens unless it is connected. Undefined for what is no such line. */
export function parseSocket(line: string, protocol: 'tcp' | 'udp'): SocketEntry | undefined {
  const fields = socketLine.exec(line);
  if (fields === null) return undefined;
  const [, local = '', localPort = '', remote = '', remotePort = '', state, inode] = fields;
  return {
    local: kernelAddress(local),
    localPort: Number.parseInt(localPort, 16),
    remote: kernelAddress(remote),
    remotePort: Number.parseInt(remotePort, 16),
    isListening: protocol === 'tcp' ? state === listening : remotePort === '0000' && /^0+$/.test(remote),
    inode: Number(inode),
  };
}

/** The kernel prints addresses as 32-bit words in the byte order of the machine, which is little-endian where Node runs on Linux but s390x. */
function kernelAddress(hexadecimal: string): AddressBytes {
  const bytes: number[] = [];
  for (let word = 0; word < hexadecimal.length; word += 8) {
    const value = Number.parseInt(hexadecimal.slice(word, word + 8), 16);
    const parts = [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
    bytes.push(...(isLittleEndian ? parts.reverse() : parts));
  }
  return bytes;
}

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** A line of a table of neighbours: `silent` when the neighbour was asked for and did not answer. */
export type NeighborLine = Neighbor | 'silent' | undefined;

/** Reads a line of /proc/net/arp (arp(7)). Without the flag 2, the hardware address is missing or out of date. */
export function parseArp(line: string): NeighborLine {
  const [text = '', , flags = '', mac = ''] = line.trim().split(/\s+/);
  const address = parseAddress(text);
  if (address === undefined || !/^0x[0-9a-f]+$/i.test(flags)) return undefined;
  return (Number(flags) & 2) === 2 && isMac(mac) ? { address, mac: mac.toLowerCase() } : 'silent';
}

/** Reads a line of `ip -6 neigh show`: the kernel keeps its IPv6 neighbours out of /proc. */
export function parseIpNeigh(line: string): NeighborLine {
  const [, text = '', rest = ''] = /^(\S+) (dev .*)$/.exec(line.trim()) ?? [];
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  const mac = /\blladdr (\S+)/.exec(rest)?.[1];
  return mac === undefined ? 'silent' : { address, mac: mac.toLowerCase() };
}

/** Reads a line of `ip -oneline link show`: the MAC address of an interface that has one. */
export function parseIpLink(line: string): string | undefined {
  const mac = /\slink\/\S+ (\S+)/.exec(line)?.[1]?.toLowerCase();
  return mac !== undefined && isMac(mac) ? mac : undefined;
}

/** Bytes in hexadecimal, not all zero: interfaces and neighbours without an address have zeros. */
export function isMac(text: string): boolean {
  return /^[0-9a-f]{2}(:[0-9a-f]{2})+$/i.test(text) && /[1-9a-f]/i.test(text);
}

/** Reads a line of /proc/net/if_inet6: an address of an interface. */
export function parseIfInet6(line: string): AddressBytes | undefined {
  const digits = /^([0-9a-f]{32})(?: +[0-9a-f]+){4} +\S+\s*$/.exec(line)?.[1];
  if (digits === undefined) return undefined;
  return Array.from({ length: 16 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/**
 * Gives a reader of the lines of /proc/net/fib_trie, which returns an address when a line says that it is local: below
 * each leaf of the trie stand its routes, `/32 host LOCAL` for an address of an interface that is up.
 */
export function createFibTrieReader(): (line: string) => AddressBytes | undefined {
  let leaf: AddressBytes | undefined;
  return (line) => {
    const text = /^\s*\|-- (\S+)$/.exec(line)?.[1];
    if (text === undefined) return /^\s*\/32 host LOCAL/.test(line) ? leaf : undefined;
    leaf = parseAddress(text);
    return undefined;
  };
}
