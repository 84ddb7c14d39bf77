/**
 * Searches macOS and Windows: interfaces as Node tells them (os.networkInterfaces), sockets and neighbours as programs of
 * the system do.
 */
import { networkInterfaces } from 'node:os';
import { durationSince, type Findings, type RunContext } from '@mig/module';
import { formatAddress, parseAddress } from './address.ts';
import { Answer } from './answer.ts';
import { matchMacs } from './match-macs.ts';
import type { Elements, Parameters, Statistics } from './netstat.ts';
import { NetworkSet } from './network-set.ts';
import { type OtherTables, otherTables } from './other-tables.ts';
import { isMac } from './proc-net.ts';

type Context = RunContext<Parameters>;

/** What one table is asked, and what to do with it: a table that cannot be told is a warning, and the others count. */
interface Question {
  readonly what: string;
  readonly isAsked: boolean;
  answer(): Promise<void>;
}

/** Throws when nothing that is asked can be told. */
export async function searchElsewhere(
  context: Context,
  tables: OtherTables = otherTables[context.platform === 'win32' ? 'win32' : 'darwin'],
): Promise<Findings<Elements, Statistics>> {
  const started = performance.now();
  const { parameters, platform, signal, warn } = context;
  const { localmac, localip, neighbormac, neighborip, connectedip, listeningport, namespaces } = parameters;
  if (namespaces) warn(`namespaces are Linux's: there are none on ${platform}`);
  const answer = new Answer(parameters);
  const questions: readonly Question[] = [
    { what: 'interfaces', isAsked: localmac.length + localip.length > 0, answer: () => searchLocal(context, answer) },
    {
      what: 'neighbours',
      isAsked: neighbormac.length + neighborip.length > 0,
      answer: () => searchNeighbors(context, tables, answer),
    },
    {
      what: 'sockets',
      isAsked: connectedip.length + listeningport.length > 0,
      answer: () => searchSockets(context, tables, answer),
    },
  ];
  const asked = questions.filter(({ isAsked }) => isAsked);
  const failures: string[] = [];
  for (const question of asked) {
    try {
      await question.answer();
    } catch (error) {
      signal.throwIfAborted();
      failures.push(`${question.what} cannot be told: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (failures.length === asked.length) throw new Error(failures.join('; '));
  for (const failure of failures) warn(failure);
  const { elements, totalhits, examined } = answer.close();
  return {
    foundanything: totalhits > 0,
    elements,
    statistics: { examined, exectime: durationSince(started), totalhits },
  };
}

async function searchLocal(context: Context, answer: Answer): Promise<void> {
  const { localmac, localip } = context.parameters;
  const interfaces = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const matching = await matchMacs(
    localmac,
    interfaces.map(({ mac }) => mac),
    context,
  );
  const networks = new NetworkSet(localip);
  for (const { address: text, mac, internal } of interfaces) {
    answer.examined++;
    if (isMac(mac)) for (const value of matching(mac)) answer.add('localmac', value, { localmacaddr: mac });
    const address = parseAddress(text.replace(/%.*$/, ''));
    if (address === undefined) continue;
    const found = { localmacaddr: internal ? undefined : mac, localaddr: formatAddress(address) };
    for (const value of networks.matching(address)) answer.add('localip', value, found);
  }
}

async function searchNeighbors(context: Context, tables: OtherTables, answer: Answer): Promise<void> {
  const { neighbormac, neighborip } = context.parameters;
  const neighbors = await tables.neighbors(context.signal);
  const matching = await matchMacs(
    neighbormac,
    neighbors.map(({ mac }) => mac),
    context,
  );
  const networks = new NetworkSet(neighborip);
  for (const { address, mac } of neighbors) {
    answer.examined++;
    const found = { remotemacaddr: mac, remoteaddr: formatAddress(address) };
    for (const value of matching(mac)) answer.add('neighbormac', value, found);
    for (const value of networks.matching(address)) answer.add('neighborip', value, found);
  }
}

async function searchSockets(context: Context, tables: OtherTables, answer: Answer): Promise<void> {
  const { connectedip, listeningport } = context.parameters;
  const networks = new NetworkSet(connectedip);
  const ports = new Set(listeningport);
  for (const { local, localPort, remote, remotePort, isListening, pid, path } of await tables.sockets(context.signal)) {
    answer.examined++;
    const found = { localaddr: formatAddress(local), localport: localPort };
    const owner = { pid, process: path };
    if (isListening) {
      if (ports.has(localPort)) answer.add('listeningport', String(localPort), { ...found, ...owner });
      continue;
    }
    const peer = { remoteaddr: formatAddress(remote), remoteport: remotePort };
    for (const value of networks.matching(remote)) answer.add('connectedip', value, { ...found, ...peer, ...owner });
  }
}
