/** Searches the network tables of the endpoint for what was asked. */
import { type Findings, formatDuration, type RunContext } from '@mig/module';
import { compile } from '@mig/regexp';
import { formatAddress, holds, type Network, parseNetwork } from './address.ts';
import { findNamespaces, findOwners, type Owner } from './namespaces.ts';
import type { Elements, Found, Parameters, Statistics } from './netstat.ts';
import { type NetworkSources, NetworkTables } from './network-tables.ts';
import type { SocketEntry } from './proc-net.ts';

type Context = RunContext<Parameters>;
type Kind = keyof Elements;

export async function searchNetwork(
  context: Context,
  sources: NetworkSources = { proc: '/proc', sys: '/sys' },
): Promise<Findings<Elements, Statistics>> {
  const started = performance.now();
  const { parameters, warn } = context;
  const answer = new Answer(parameters);
  const needsSockets = parameters.connectedip.length + parameters.listeningport.length > 0;
  const owners = needsSockets ? await findOwners(sources.proc, context.breathe) : new Map<number, Owner>();
  for (const namespace of findNamespaces(sources.proc, parameters.namespaces, warn)) {
    const tables = new NetworkTables(namespace, sources, warn);
    searchInterfaces(tables, parameters, answer);
    if (parameters.neighbormac.length + parameters.neighborip.length > 0)
      await searchNeighbors(tables, context, answer);
    if (needsSockets) searchSockets(tables, parameters, owners, answer);
    const pause = context.breathe();
    if (pause !== undefined) await pause;
  }
  const exectime = formatDuration(Math.round((performance.now() - started) * 1000) / 1000);
  const { elements, totalhits, examined } = answer.close();
  return { foundanything: totalhits > 0, elements, statistics: { examined, exectime, totalhits } };
}

function searchInterfaces(tables: NetworkTables, { localmac, localip }: Parameters, answer: Answer): void {
  const { name: namespace } = tables.namespace;
  if (localmac.length > 0) {
    const macs = tables.macs();
    answer.examined += macs.length;
    for (const [value, test] of ignoringCase(localmac)) {
      for (const mac of macs) if (test(mac)) answer.add('localmac', value, { localmacaddr: mac, namespace });
    }
  }
  if (localip.length === 0) return;
  const addresses = tables.localAddresses();
  answer.examined += addresses.length;
  for (const [value, network] of networks(localip)) {
    for (const { address, mac } of addresses) {
      if (holds(network, address))
        answer.add('localip', value, { localmacaddr: mac, localaddr: formatAddress(address), namespace });
    }
  }
}

async function searchNeighbors(tables: NetworkTables, { parameters, signal }: Context, answer: Answer): Promise<void> {
  const neighbors = await tables.neighbors(signal);
  const { name: namespace } = tables.namespace;
  answer.examined += neighbors.length;
  for (const { address, mac } of neighbors) {
    const found = { remotemacaddr: mac, remoteaddr: formatAddress(address), namespace };
    for (const [value, test] of ignoringCase(parameters.neighbormac))
      if (test(mac)) answer.add('neighbormac', value, found);
    for (const [value, network] of networks(parameters.neighborip)) {
      if (holds(network, address)) answer.add('neighborip', value, found);
    }
  }
}

function searchSockets(
  tables: NetworkTables,
  parameters: Parameters,
  owners: ReadonlyMap<number, Owner>,
  answer: Answer,
): void {
  const { name: namespace } = tables.namespace;
  const sockets = tables.sockets();
  const wanted = networks(parameters.connectedip);
  const ports = new Set(parameters.listeningport);
  answer.examined += sockets.length;
  for (const socket of sockets) {
    if (socket.isListening) {
      if (ports.has(socket.localPort))
        answer.add('listeningport', String(socket.localPort), {
          ...localEnd(socket),
          ...ownerOf(socket, owners),
          namespace,
        });
      continue;
    }
    for (const [value, network] of wanted) {
      if (!holds(network, socket.remote)) continue;
      const remote = { remoteaddr: formatAddress(socket.remote), remoteport: socket.remotePort };
      answer.add('connectedip', value, { ...localEnd(socket), ...remote, ...ownerOf(socket, owners), namespace });
    }
  }
}

function localEnd({ local, localPort }: SocketEntry) {
  return { localaddr: formatAddress(local), localport: localPort };
}

function ownerOf({ inode }: SocketEntry, owners: ReadonlyMap<number, Owner>) {
  const owner = owners.get(inode);
  return owner === undefined ? {} : { pid: owner.pid, process: owner.path };
}

function ignoringCase(patterns: readonly string[]): (readonly [string, (text: string) => boolean])[] {
  return patterns.map((pattern) => [pattern, compile(`(?i:${pattern})`).test] as const);
}

function networks(values: readonly string[]): (readonly [string, Network])[] {
  return values.map((value) => [value, parseNetwork(value)!] as const);
}

/** What was found: a list for every value that was asked for, each thing once, in order. */
class Answer {
  examined = 0;
  readonly #lists = new Map<Kind, Map<string, Map<string, Found>>>();

  constructor(parameters: Parameters) {
    const { namespaces: _, ...asked } = parameters;
    for (const [kind, values] of Object.entries(asked) as [Kind, readonly (string | number)[]][]) {
      if (values.length > 0)
        this.#lists.set(kind, new Map(values.map((value) => [String(value), new Map<string, Found>()])));
    }
  }

  add(kind: Kind, value: string, found: { [K in keyof Found]: Found[K] | undefined }): void {
    const given = Object.fromEntries(Object.entries(found).filter(([, one]) => one !== undefined)) as Found;
    this.#lists.get(kind)!.get(value)!.set(JSON.stringify(given), given);
  }

  close(): { elements: Elements; totalhits: number; examined: number } {
    let totalhits = 0;
    const elements: Record<string, Record<string, Found[]>> = {};
    for (const [kind, byValue] of this.#lists) {
      elements[kind] = {};
      for (const [value, found] of byValue) {
        elements[kind][value] = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
        totalhits += found.size;
      }
    }
    return { elements: elements as Elements, totalhits, examined: this.examined };
  }
}
