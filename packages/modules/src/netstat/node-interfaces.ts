/** Answers from what Node itself tells of interfaces (os.networkInterfaces): all there is on macOS and Windows. */
import { networkInterfaces } from 'node:os';
import { durationSince, type Findings, type RunContext } from '@mig/module';
import { formatAddress, parseAddress } from './address.ts';
import { Answer, type Kind } from './answer.ts';
import { createMacMatcher } from './mac-matcher.ts';
import type { Elements, Parameters, Statistics } from './netstat.ts';
import { NetworkSet } from './network-set.ts';
import { isMac } from './proc-net.ts';

const untold = ['neighbormac', 'neighborip', 'connectedip', 'listeningport'] as const satisfies readonly Kind[];

/** Throws when nothing that is asked can be told; warns of the part that cannot, and leaves it out. */
export async function searchInterfaces(context: RunContext<Parameters>): Promise<Findings<Elements, Statistics>> {
  const started = performance.now();
  const { parameters, platform, warn } = context;
  const { localmac, localip } = parameters;
  const missing = untold.filter((kind) => parameters[kind].length > 0);
  const reason = `${missing.join(', ')} cannot be told on ${platform}: expected localmac and localip only`;
  if (localmac.length + localip.length === 0) throw new Error(reason);
  if (missing.length > 0) warn(reason);
  const answer = new Answer({ ...parameters, neighbormac: [], neighborip: [], connectedip: [], listeningport: [] });
  const matching = createMacMatcher(localmac, context);
  const networks = new NetworkSet(localip);
  for (const { address: text, mac, internal } of Object.values(networkInterfaces()).flatMap((all) => all ?? [])) {
    answer.examined++;
    if (isMac(mac)) for (const value of await matching(mac)) answer.add('localmac', value, { localmacaddr: mac });
    const address = parseAddress(text.replace(/%.*$/, ''));
    if (address === undefined) continue;
    const found = { localmacaddr: internal ? undefined : mac, localaddr: formatAddress(address) };
    for (const value of networks.matching(address)) answer.add('localip', value, found);
  }
  const exectime = durationSince(started);
  const { elements, totalhits, examined } = answer.close();
  return { foundanything: totalhits > 0, elements, statistics: { examined, exectime, totalhits } };
}
