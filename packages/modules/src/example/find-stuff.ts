/** Looks up what the example module returns: the part that touches the machine. */
import { lookup } from 'node:dns/promises';
import { hostname, networkInterfaces } from 'node:os';
import type { Findings, RunContext } from '@mig/module';
import type { Elements, Parameters } from './example.ts';

export async function findStuff(context: RunContext<Parameters>): Promise<Findings<Elements, { stufffound: number }>> {
  const { gethostname, getaddresses, lookuphost } = context.parameters;
  const elements: Elements = {
    ...(gethostname ? { hostname: hostname() } : {}),
    ...(getaddresses ? { addresses: interfaceAddresses() } : {}),
    ...(lookuphost.length > 0 ? { lookeduphost: await lookUpAll(lookuphost, context) } : {}),
  };
  const looked = Object.values(elements.lookeduphost ?? {}).flat();
  const stufffound = (gethostname ? 1 : 0) + (elements.addresses?.length ?? 0) + looked.length;
  return { foundanything: stufffound > 0, elements, statistics: { stufffound } };
}

function interfaceAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((addressesOfOne) => addressesOfOne ?? []);
  return addresses.flatMap(({ internal, cidr }) => (internal || cidr === null ? [] : [cidr])).sort();
}

async function lookUpAll(names: readonly string[], { warn, signal }: RunContext<Parameters>) {
  const found: Record<string, string[]> = {};
  for (const name of names) {
    signal.throwIfAborted();
    try {
      const answers = await lookup(name, { all: true, verbatim: true });
      found[name] = [...new Set(answers.map(({ address }) => address))].sort();
    } catch (error) {
      warn(`look-up of ${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      found[name] = [];
    }
  }
  return found;
}
