/**
 * `npm run kill-rounds -- [ROUNDS] [SEED]`: a platform with three agents that is asked while its programs are killed and
 * its connections cut, at random moments. After each round: every command has a final state, nothing that was
 * acknowledged is lost, and no operation ran twice. Ends with exit status 1 at the first round that breaks this.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createAction as launchAction } from '@mig/api';
import { type TestAgent, type TestPlatform, withPlatform } from '@mig/testing';
import { type CountedRuns, withCountedRuns } from '../packages/agent/src/testing/counted-runs.ts';

const rounds = Number(process.argv[2] ?? 20);
let seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
if (!(rounds >= 1) || !(seed >= 0)) {
  process.stderr.write('kill-rounds: expected a number of rounds, and perhaps a seed\n');
  process.exit(2);
}

/** A number in [0, 1), the same series for the same seed: a linear congruential generator (Numerical Recipes). */
function random(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
}

const faults: Readonly<Record<string, (platform: TestPlatform, agents: readonly TestAgent[]) => Promise<unknown>>> = {
  server: async (platform) => {
    await platform.server.kill();
    await platform.startServer();
  },
  agent: async (_, agents) => {
    const agent = pick(agents);
    await agent.process.kill();
    await agent.start(false);
  },
  wire: async (_, agents) => {
    const { wire } = pick(agents);
    wire.cut();
    await sleep(random() * 3_000);
    wire.mend();
  },
};

process.stdout.write(`kill-rounds: ${rounds} rounds, seed ${seed}\n`);
await withPlatform(async (platform) => {
  const agents = await Promise.all(['one', 'two', 'three'].map((name) => platform.enrol(name)));
  await Promise.all(agents.map((agent) => agent.start()));
  for (let round = 1; round <= rounds; round++) {
    await withCountedRuns(async (runs) => {
      const report = await playRound(platform, agents, runs);
      process.stdout.write(`round ${round}: ${report}\n`);
    });
  }
}).catch((error: Error) => {
  process.stderr.write(`kill-rounds: ${error.message}\n`);
  process.exitCode = 1;
});

async function playRound(platform: TestPlatform, agents: readonly TestAgent[], runs: CountedRuns): Promise<string> {
  const launched: string[] = [];
  let unacknowledged = 0;
  const asking = (async () => {
    for (let count = 0; count < 4; count++) {
      const input = { expiration: '1m', name: `question ${count}` };
      const body = await platform.sign([runs.operation(random() * 0.8)], input);
      try {
        launched.push((await platform.client.call(launchAction, { body })).id);
      } catch {
        // The server was killed before it answered: nobody was told that this one stands.
        unacknowledged++;
      }
      await sleep(random() * 300);
    }
  })();
  const names = Object.keys(faults);
  const played: string[] = [];
  for (let count = 0; count < 3; count++) {
    await sleep(random() * 600);
    const name = pick(names);
    played.push(name);
    await faults[name]!(platform, agents);
  }
  await asking;

  const tally = new Map<string, number>();
  for (const id of launched) {
    await platform.follow(id);
    const commands = await platform.commands(id);
    if (commands.length !== agents.length)
      throw new Error(`${id}: ${commands.length} commands, expected ${agents.length}`);
    for (const { agentname, status, results, refusals } of commands) {
      const codes = refusals.map(({ code }) => code);
      const isAnswered = status === 'success' && results !== null;
      const isInterrupted = status === 'failed' && codes.join() === 'RUN_INTERRUPTED';
      if (!isAnswered && !isInterrupted) throw new Error(`${id}: ${agentname} ended as ${status} (${codes.join()})`);
      tally.set(status, (tally.get(status) ?? 0) + 1);
    }
  }
  const started = startedRuns(agents, launched);
  // Launches that nobody acknowledged may have run as well: once.
  const most = started + unacknowledged * agents.length;
  if (runs.count > most) throw new Error(`${runs.count} runs, and the journals have ${started}: something ran twice`);
  const success = tally.get('success') ?? 0;
  if (runs.count < success) throw new Error(`${success} successes, and only ${runs.count} runs`);
  const results = [...tally].map(([status, count]) => `${count} ${status}`).join(', ');
  return `killed ${played.join(', ')}; ${launched.length} actions: ${results}; ${runs.count} runs`;
}

/** How many runs the journals have of these actions. Throws when one has an action twice. */
function startedRuns(agents: readonly TestAgent[], actions: readonly string[]): number {
  let count = 0;
  for (const agent of agents) {
    const started = agent.journal().filter(({ entry, actionid }) => entry === 'started' && actions.includes(actionid));
    const distinct = new Set(started.map(({ actionid }) => actionid));
    if (distinct.size !== started.length) throw new Error(`${agent.name} has started an action twice`);
    count += started.length;
  }
  return count;
}

function pick<T>(from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}
