/**
 * `npm run bench -- question`: one question from the signature to the first printed result, over a whole platform with one agent, and what its parts
 * take. The client is that of `mig`, in this process: how long Node takes to start is not part of it. All clocks are this
 * machine's; those of the agent tell whole milliseconds.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAction, createEnvelope, encodeAction } from '@mig/action';
import { createAction as launchAction } from '@mig/api';
import { type TestPlatform, withPlatform } from '@mig/testing';
import { followToEnd } from '../packages/client/src/fleet/follow.ts';
import { shellHints } from '../packages/client/src/fleet/hints.ts';
import { openPlatform, type Platform } from '../packages/client/src/platform/platform.ts';
import { placesOf } from '../packages/client/src/settings/places.ts';
import { loadSettings } from '../packages/client/src/settings/settings.ts';
import { median, rounds } from './rounds.ts';

const questions = rounds(50);
const operations = [{ module: 'example', parameters: { gethostname: true } }];

/** Prints medians and 95th percentiles. */
export function benchQuestion(): Promise<void> {
  return withPlatform(async (platform) => {
    const agent = await platform.enrol('web', '\n[log]\nlevel = "debug"\n');
    await agent.start();
    const places = placesOf(join(platform.folder, 'client', 'config.toml'), {});
    const client = await openPlatform(loadSettings(places, {}), places);
    try {
      const all: Readonly<Record<string, number>>[] = [];
      // The first ones warm caches: the login, compiled statements, the spare process.
      for (let round = -5; round < questions; round++) {
        const times = await ask(client, platform, () => agent.process.output());
        if (round >= 0) all.push(times);
        // Nobody types faster: by then the agent has its next spare process.
        await sleep(300);
      }
      print(all);
    } finally {
      await client.close();
    }
  });
}

async function ask(client: Platform, { fleet }: TestPlatform, agentLog: () => string) {
  const began = now();
  const action = createAction({ fleet, name: 'who', target: 'true', operations });
  const signer = await client.signer();
  const envelope = await signer.sign(createEnvelope(encodeAction(action)));
  const sent = now();
  const launched = await client.call(launchAction, { body: envelope });
  const accepted = now();
  let printed = 0;
  const terminal = {
    print: () => {
      printed ||= now();
    },
    remark: () => {},
    complain: () => {},
    progress: () => {},
  };
  const interruption = () => ({ signal: new AbortController().signal, release: () => {} });
  await followToEnd(client, launched, { show: 'all', isJson: false }, terminal, {
    hints: shellHints,
    steady: (one) => one,
    interruption,
  });
  const logged = linesAbout(agentLog(), action.id);
  return {
    'sign (not counted)': sent - began,
    'POST: verify, count, store': accepted - sent,
    'dispatch to agent': logged('command received') - accepted,
    'agent verifies': logged('action started') - logged('command received'),
    'module, journal, spool': logged('command answered') - logged('action started'),
    'result stored, streamed, printed': printed - logged('command answered'),
    'envelope sent to result printed': printed - sent,
  };
}

/** Gives the time of a line in the agent's log about an action. */
function linesAbout(log: string, actionId: string): (text: string) => number {
  const lines = log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { time: string; msg: string; actionid?: string; commandid?: string });
  const commandId = lines.find(({ actionid }) => actionid === actionId)?.commandid;
  return (text) => {
    const line = lines.find(({ msg, commandid }) => msg === text && commandid === commandId);
    if (line === undefined) throw new Error(`the agent's log has no '${text}' of ${actionId}`);
    return Date.parse(line.time);
  };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function print(all: readonly Readonly<Record<string, number>>[]): void {
  process.stdout.write(`\none question, one agent, ${all.length} rounds; milliseconds\n\n`);
  process.stdout.write(`${'part'.padEnd(36)}${'median'.padStart(8)}${'95 %'.padStart(8)}\n`);
  for (const part of Object.keys(all[0]!)) {
    const sorted = all.map((times) => times[part]!).sort((a, b) => a - b);
    const nearlyWorst = sorted[Math.floor(sorted.length * 0.95)]!;
    process.stdout.write(
      `${part.padEnd(36)}${median(sorted).toFixed(1).padStart(8)}${nearlyWorst.toFixed(1).padStart(8)}\n`,
    );
  }
}
