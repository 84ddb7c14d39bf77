/** What one network namespace holds: interfaces, neighbours, sockets. The part that touches the machine. */
import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { RunContext } from '@mig/module';
import { type AddressBytes, formatAddress, parseAddress } from './address.ts';
import type { AskIp } from './ip-program.ts';
import type { NetworkNamespace } from './namespaces.ts';
import { linesOf } from './proc-lines.ts';
import {
  createFibTrieReader,
  isMac,
  type Neighbor,
  type NeighborLine,
  parseArp,
  parseIfInet6,
  parseIpLink,
  parseIpNeigh,
  parseSocket,
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
  readonly askIp: AskIp;
}

/** Families of addresses that are asked for. */
export interface Families {
  readonly v4: boolean;
  readonly v6: boolean;
}

/** What opening a file below /proc/PID/net gives once the process has ended. */
const isGone = (code: string | undefined) => code === 'ENOENT' || code === 'ESRCH' || code === 'EINVAL';

/** Reads the tables of one namespace, each when it is asked for. What cannot be read is warned of. */
export class NetworkTables {
  readonly namespace: NetworkNamespace;
  readonly #sources: NetworkSources;
  readonly #context: RunContext<unknown>;

  constructor(namespace: NetworkNamespace, sources: NetworkSources, context: RunContext<unknown>) {
    this.namespace = namespace;
    this.#sources = sources;
    this.#context = context;
  }

  /** Hands on every socket: there may be a million. */
  async sockets(take: (socket: SocketEntry) => void): Promise<void> {
    for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
      const protocol = table.startsWith('tcp') ? 'tcp' : 'udp';
      await this.#read(table, 'with header', (line) => {
        const socket = parseSocket(line, protocol);
        if (socket !== undefined) take(socket);
        return socket !== undefined;
      });
    }
  }

  /** Hardware addresses of all interfaces, also of those that are down. */
  async macs(): Promise<string[]> {
    if (this.namespace.name !== undefined) {
      const lines = await this.#ask(['-oneline', 'link', 'show'], 'MAC addresses of interfaces');
      return [...new Set(lines.flatMap((line) => parseIpLink(line) ?? []))].sort();
    }
    const folder = `${this.#sources.sys}/class/net`;
    const names = await this.#interfaceNames();
    try {
      const macs = readdirSync(folder)
        .filter((name) => names.has(name))
        .map((name) => textOf(`${folder}/${name}/address`)?.trim() ?? '');
      return [...new Set(macs.filter(isMac))].sort();
    } catch (error) {
      this.#warnOf('MAC addresses of interfaces', error);
      return [];
    }
  }

  async localAddresses({ v4, v6 }: Families): Promise<LocalAddress[]> {
    const unique = new Map<string, AddressBytes>();
    if (v4) {
      const read = createFibTrieReader();
      await this.#read('fib_trie', 'without header', (line) => {
        const address = read(line);
        if (address !== undefined) unique.set(formatAddress(address), address);
        return true;
      });
    }
    if (v6) {
      await this.#read('if_inet6', 'without header', (line) => {
        const address = parseIfInet6(line);
        if (address !== undefined) unique.set(formatAddress(address), address);
        return address !== undefined;
      });
    }
    const macOf = this.namespace.name === undefined ? macsByAddress() : new Map<string, string>();
    return [...unique].map(([text, address]) => ({ address, mac: macOf.get(text) }));
  }

  /** Those that answered: ARP of IPv4 from the kernel's table, NDP of IPv6 from `ip`. */
  async neighbors({ v4, v6 }: Families): Promise<Neighbor[]> {
    const found: Neighbor[] = [];
    const take = (neighbor: NeighborLine) => {
      if (neighbor !== undefined && neighbor !== 'silent') found.push(neighbor);
      return neighbor !== undefined;
    };
    if (v4) await this.#read('arp', 'with header', (line) => take(parseArp(line)));
    if (v6 && (await this.#hasV6())) {
      for (const line of await this.#ask(['-6', 'neigh', 'show'], 'IPv6 neighbours')) take(parseIpNeigh(line));
    }
    return found;
  }

  /** The interfaces of this namespace: sysfs shows those of the namespace that it was mounted in, which may be another. */
  async #interfaceNames(): Promise<ReadonlySet<string>> {
    const names = new Set<string>();
    await this.#read('dev', 'with header', (line) => {
      const name = /^\s*([^\s:|]+):/.exec(line)?.[1];
      if (name !== undefined) names.add(name);
      return true;
    });
    return names;
  }

  async #hasV6(): Promise<boolean> {
    let count = 0;
    await this.#read('if_inet6', 'without header', () => ++count > 0);
    return count > 0;
  }

  /**
   * Hands the lines of a table to `take`, which gives false for a line that it does not understand. A table of IPv6 is
   * missing where IPv6 is switched off; and where all processes of a namespace ended, so did it.
   */
  async #read(table: string, shape: 'with header' | 'without header', take: (line: string) => boolean): Promise<void> {
    let trouble: unknown;
    for (const folder of this.namespace.folders) {
      const path = `${folder}/net/${table}`;
      try {
        const strange = await this.#readLines(path, shape === 'with header', take);
        if (strange > 0) this.#context.warn(`${path}: ${strange} lines were passed over, they are not as proc(5) says`);
        return;
      } catch (error) {
        this.#context.signal.throwIfAborted();
        trouble = error;
      }
    }
    const { code } = trouble as NodeJS.ErrnoException;
    if (isGone(code) && (table.includes('6') || this.namespace.name !== undefined)) return;
    this.#warnOf(`the table ${table}`, trouble);
  }

  /** Gives how many lines were not understood. */
  async #readLines(path: string, hasHeader: boolean, take: (line: string) => boolean): Promise<number> {
    let strange = 0;
    let isHeader = hasHeader;
    for (const line of linesOf(path)) {
      if (!isHeader && !take(line)) strange++;
      isHeader = false;
      const pause = this.#context.breathe();
      if (pause) await pause;
    }
    return strange;
  }

  async #ask(words: readonly string[], what: string): Promise<string[]> {
    const { name, folders } = this.namespace;
    let trouble: unknown;
    for (const folder of name === undefined ? [undefined] : folders.slice(0, 3)) {
      try {
        const file = folder === undefined ? undefined : `${folder}/ns/net`;
        return await this.#sources.askIp(words, file, this.#context.signal);
      } catch (error) {
        this.#context.signal.throwIfAborted();
        trouble = error;
      }
    }
    this.#warnOf(what, trouble);
    return [];
  }

  #warnOf(what: string, error: unknown): void {
    const where = this.namespace.name === undefined ? '' : ` of namespace ${this.namespace.name}`;
    const reason = error instanceof Error ? error.message : String(error);
    this.#context.warn(`${what}${where} cannot be told: ${reason.split('\n', 1)[0]}`);
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

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // The interface went away.
  }
}
