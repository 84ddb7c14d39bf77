/** Asks servers in turn until one gives a time, and compares. */
import { lookup } from 'node:dns/promises';
import { durationSince, type Findings, formatDuration, parseDuration, type RunContext } from '@mig/module';
import { parseHostAndPort } from '../network-host.ts';
import { configuredServers, defaultServers } from './configured-servers.ts';
import { askNtp, type NtpReply } from './ntp.ts';
import type { Elements, NtpAnswer, Parameters, Statistics } from './timedrift.ts';

const ntpPort = 123;
const patienceMs = 2_000;

/** What a test sets: where the configuration lies, and whom to ask at last. */
export interface DriftSources {
  readonly root: string;
  readonly lastResort: readonly string[];
}

export async function checkDrift(
  { parameters, signal, warn }: RunContext<Parameters>,
  { root, lastResort }: DriftSources = { root: '/', lastResort: defaultServers },
): Promise<Findings<Elements, Statistics>> {
  const started = performance.now();
  const ntpstats: NtpAnswer[] = [];
  const elapsed = () => durationSince(started);
  const localtime = new Date().toISOString();
  if (parameters.drift === undefined) {
    const elements = { hascheckeddrift: false, iswithindrift: false, drifts: [], localtime };
    return { foundanything: true, elements, statistics: { exectime: elapsed(), ntpstats } };
  }
  for (const server of new Set([...configuredServers(root), ...parameters.servers, ...lastResort])) {
    signal.throwIfAborted();
    try {
      const reply = await ask(server, signal);
      ntpstats.push(answerOf(server, reply));
      const isWithin = Math.abs(reply.offsetMs) <= parseDuration(parameters.drift)!;
      const elements = { hascheckeddrift: true, iswithindrift: isWithin, drifts: [shown(reply.offsetMs)], localtime };
      return { foundanything: !isWithin, elements, statistics: { exectime: elapsed(), ntpstats } };
    } catch (error) {
      signal.throwIfAborted();
      ntpstats.push({ host: server, time: '', latency: '', drift: '', reachable: false });
      warn(`${server}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    `no NTP server answered, of ${ntpstats.map(({ host }) => host).join(', ')}: name one that this endpoint can reach`,
  );
}

async function ask(server: string, signal: AbortSignal): Promise<NtpReply> {
  const { host, port = ntpPort } = parseHostAndPort(server) ?? { host: server };
  const { address } = await lookup(host);
  return askNtp(address, port, patienceMs, signal);
}

function answerOf(host: string, { offsetMs, delayMs, timeMs }: NtpReply): NtpAnswer {
  return {
    host,
    time: new Date(timeMs).toISOString(),
    latency: shown(delayMs),
    drift: shown(offsetMs),
    reachable: true,
  };
}

function shown(milliseconds: number): string {
  return formatDuration(Math.round(milliseconds * 1000) / 1000);
}
