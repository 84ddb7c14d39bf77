/** Makes the attempts of the ping module, one after the other. */
import { lookup } from 'node:dns/promises';
import { durationSince, type Findings, type RunContext } from '@mig/module';
import { type Attempt, attemptIcmp, attemptTcp, attemptUdp, type Destination } from './attempt.ts';
import type { Elements, Parameters } from './ping.ts';

const defaultPort = 80;

export async function reach(context: RunContext<Parameters>): Promise<Findings<Elements, { exectime: string }>> {
  const { parameters, signal, platform } = context;
  const { destination, destinationport, protocol, count, timeout } = parameters;
  const started = performance.now();
  const address = await resolve(destination);
  const to: Destination = { address, port: destinationport ?? defaultPort, timeoutMs: timeout * 1000, signal };
  const attempts: Attempt[] = [];
  for (let i = 0; i < count; i++) {
    signal.throwIfAborted();
    attempts.push(await attempt(protocol, to, platform));
  }
  const isReached = attempts.some((one) => one.isReached);
  const failures = attempts.filter((one) => !one.isReached).length;
  const elements = { latencies: attempts.map(({ latency }) => latency), protocol, resolvedhost: address, failures };
  const exectime = durationSince(started);
  return { foundanything: isReached, elements, statistics: { exectime } };
}

function attempt(protocol: Parameters['protocol'], to: Destination, platform: string): Promise<Attempt> {
  switch (protocol) {
    case 'tcp':
      return attemptTcp(to);
    case 'udp':
      return attemptUdp(to);
    case 'icmp':
      return attemptIcmp(to, platform);
  }
}

async function resolve(destination: string): Promise<string> {
  try {
    return (await lookup(destination)).address;
  } catch (cause) {
    throw new Error(`parameter 'destination': '${destination}' does not resolve on this endpoint`, { cause });
  }
}
