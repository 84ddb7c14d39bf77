/** Searches the network tables of Linux for what was asked. */
import { durationSince, type Findings, type RunContext } from '@mig/module';
import { formatAddress } from './address.ts';
import { Answer } from './answer.ts';
import { askIp } from './ip-program.ts';
import { matchMacs } from './match-macs.ts';
import { findNamespaces } from './namespaces.ts';
import type { Elements, Parameters, Statistics } from './netstat.ts';
import { NetworkSet } from './network-set.ts';
import { type NetworkSources, NetworkTables } from './network-tables.ts';
import type { SocketEntry } from './proc-net.ts';
import { findOwners } from './socket-owners.ts';

type Context = RunContext<Parameters>;

export async function searchNetwork(
  context: Context,
  sources: NetworkSources = { proc: '/proc', sys: '/sys', askIp },
): Promise<Findings<Elements, Statistics>> {
  const started = performance.now();
  const { parameters, warn } = context;
  const answer = new Answer(parameters);
  const sockets: MatchedSocket[] = [];
  for (const namespace of findNamespaces(sources.proc, parameters.namespaces, warn)) {
    const tables = new NetworkTables(namespace, sources, context);
    await searchMacs(tables, context, answer);
    await searchAddresses(tables, parameters, answer);
    await searchNeighbors(tables, context, answer);
    await matchSockets(tables, parameters, answer, (socket) => sockets.push(socket));
  }
  await addWithOwners(sockets, sources.proc, context, answer);
  const exectime = durationSince(started);
  const { elements, totalhits, examined } = answer.close();
  return { foundanything: totalhits > 0, elements, statistics: { examined, exectime, totalhits } };
}

async function searchMacs(tables: NetworkTables, context: Context, answer: Answer): Promise<void> {
  const { localmac } = context.parameters;
  if (localmac.length === 0) return;
  const { name: namespace } = tables.namespace;
  const macs = await tables.macs();
  const matching = await matchMacs(localmac, macs, context);
  for (const mac of macs) {
    answer.examined++;
    for (const value of matching(mac)) answer.add('localmac', value, { localmacaddr: mac, namespace });
  }
}

async function searchAddresses(tables: NetworkTables, { localip }: Parameters, answer: Answer): Promise<void> {
  if (localip.length === 0) return;
  const { name: namespace } = tables.namespace;
  const networks = new NetworkSet(localip);
  for (const { address, mac } of await tables.localAddresses({ v4: networks.hasV4, v6: networks.hasV6 })) {
    answer.examined++;
    const found = { localmacaddr: mac, localaddr: formatAddress(address), namespace };
    for (const value of networks.matching(address)) answer.add('localip', value, found);
  }
}

async function searchNeighbors(tables: NetworkTables, context: Context, answer: Answer): Promise<void> {
  const { neighbormac, neighborip } = context.parameters;
  if (neighbormac.length + neighborip.length === 0) return;
  const { name: namespace } = tables.namespace;
  const networks = new NetworkSet(neighborip);
  const isAll = neighbormac.length > 0;
  const neighbors = await tables.neighbors({ v4: isAll || networks.hasV4, v6: isAll || networks.hasV6 });
  const matching = await matchMacs(
    neighbormac,
    neighbors.map(({ mac }) => mac),
    context,
  );
  for (const { address, mac } of neighbors) {
    answer.examined++;
    const found = { remotemacaddr: mac, remoteaddr: formatAddress(address), namespace };
    for (const value of matching(mac)) answer.add('neighbormac', value, found);
    for (const value of networks.matching(address)) answer.add('neighborip', value, found);
  }
}

/** A socket that was asked for. Owners are looked for once all are known, in one pass over the processes. */
interface MatchedSocket {
  readonly kind: 'connectedip' | 'listeningport';
  readonly value: string;
  readonly socket: SocketEntry;
  readonly namespace: string | undefined;
}

async function matchSockets(
  tables: NetworkTables,
  { connectedip, listeningport }: Parameters,
  answer: Answer,
  take: (matched: MatchedSocket) => void,
): Promise<void> {
  if (connectedip.length + listeningport.length === 0) return;
  const { name: namespace } = tables.namespace;
  const networks = new NetworkSet(connectedip);
  const ports = new Set(listeningport);
  await tables.sockets((socket) => {
    answer.examined++;
    if (socket.isListening) {
      const value = String(socket.localPort);
      if (ports.has(socket.localPort)) take({ kind: 'listeningport', value, socket, namespace });
      return;
    }
    for (const value of networks.matching(socket.remote)) take({ kind: 'connectedip', value, socket, namespace });
  });
}

async function addWithOwners(
  sockets: readonly MatchedSocket[],
  proc: string,
  context: Context,
  answer: Answer,
): Promise<void> {
  const inodes = new Set(sockets.map(({ socket }) => socket.inode));
  inodes.delete(0);
  const owners = await findOwners(inodes, proc, context);
  for (const { kind, value, socket, namespace } of sockets) {
    const owner = owners.get(socket.inode);
    const remote = { remoteaddr: formatAddress(socket.remote), remoteport: socket.remotePort };
    answer.add(kind, value, {
      localaddr: formatAddress(socket.local),
      localport: socket.localPort,
      ...(kind === 'connectedip' ? remote : {}),
      namespace,
      pid: owner?.pid,
      process: owner?.path,
    });
  }
}
