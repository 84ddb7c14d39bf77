/** What one network namespace holds: interfaces, neighbours, sockets. The part that touches the machine. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type AddressBytes, formatAddress, parseAddress } from './address.ts';
import type { NetworkNamespace } from './namespaces.ts';
import {
  type Neighbor,
  parseArp,
  parseFibTrie,
  parseIfInet6,
  parseIpNeigh,
  parseSockets,
  type SocketEntry,
} from './proc-net.ts';

export interface LocalAddress {
  readonly address: AddressBytes;
  readonly mac: string | undefined;
}

/** Where the machine is looked at; tests give recorded trees. */
export interface NetworkSources {
  readonly proc: string;
  readonly sys: string;
}

/** Reads the tables of one namespace, each when it is asked for. */
export class NetworkTables {
  readonly namespace: NetworkNamespace;
  readonly #sources: NetworkSources;
  readonly #warn: (message: string) => void;

  constructor(namespace: NetworkNamespace, sources: NetworkSources, warn: (message: string) => void) {
    this.namespace = namespace;
    this.#sources = sources;
    this.#warn = warn;
  }

  sockets(): SocketEntry[] {
    return (['tcp', 'tcp6', 'udp', 'udp6'] as const).flatMap((name) =>
      parseSockets(this.#text(name, name.endsWith('6')), name.startsWith('tcp') ? 'tcp' : 'udp'),
    );
  }

  /** Hardware addresses of the interfaces; of another namespace they cannot be read without entering it. */
  macs(): string[] {
    if (this.namespace.name !== undefined) return [];
    const folder = `${this.#sources.sys}/class/net`;
    const macs = readdirSync(folder).flatMap((name) => {
      const mac = textOf(`${folder}/${name}/address`)?.trim() ?? '';
      return /^[0-9a-f]{2}(:[0-9a-f]{2})+$/.test(mac) && !/^[0:]+$/.test(mac) ? [mac] : [];
    });
    return [...new Set(macs)].sort();
  }

  localAddresses(): LocalAddress[] {
    const macOf = this.namespace.name === undefined ? macsByAddress() : new Map<string, string>();
    const v4 = parseFibTrie(this.#text('fib_trie', false));
    const v6 = parseIfInet6(this.#text('if_inet6', true)).map(({ address }) => address);
    const unique = new Map([...v4, ...v6].map((address) => [formatAddress(address), address]));
    return [...unique].map(([text, address]) => ({ address, mac: macOf.get(text) }));
  }

  /** ARP of IPv4 from the kernel's table; NDP of IPv6 from `ip`, of our own namespace. */
  async neighbors(signal: AbortSignal): Promise<Neighbor[]> {
    const arp = parseArp(this.#text('arp', false));
    if (this.namespace.name !== undefined) return arp;
    try {
      return [...arp, ...parseIpNeigh(await runIp(['-6', 'neigh', 'show'], signal))];
    } catch (error) {
      signal.throwIfAborted();
      this.#warn(`IPv6 neighbours were not looked at: ${error instanceof Error ? error.message : String(error)}`);
      return arp;
    }
  }

  /** The text of a table. One of IPv6 is missing where IPv6 is switched off. */
  #text(table: string, isOptional: boolean): string {
    const path = `${this.#sources.proc}/${this.namespace.pid}/net/${table}`;
    try {
      return readFileSync(path, 'latin1');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (!(isOptional && code === 'ENOENT')) this.#warn(`${path} was not read: ${message.replace(/, open.*/, '')}`);
      return '';
    }
  }
}

function macsByAddress(): Map<string, string> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Map(
    all.flatMap(({ address, mac, internal }) => {
      const bytes = parseAddress(address);
      return bytes === undefined || internal ? [] : [[formatAddress(bytes), mac]];
    }),
  );
}

function runIp(words: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { PATH: '/usr/sbin:/sbin:/usr/bin:/bin', LC_ALL: 'C' };
    execFile('ip', words, { signal, timeout: 10_000, maxBuffer: 1 << 26, env }, (error, output) => {
      if (error === null) resolve(output);
      else reject(new Error(`the command ip of iproute2 failed: ${error.message.trim()}`, { cause: error }));
    });
  });
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // The interface went away.
  }
}
