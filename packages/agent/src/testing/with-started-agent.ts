/** The bracket of most tests of the daemon: an agent that runs, and an operation whose runs are counted. */
import type { BuiltAgent } from './built-agent.ts';
import { type CountedRuns, withCountedRuns } from './counted-runs.ts';
import { type FleetOfOne, withFleetOfOne } from './fleet-of-one.ts';

/** Gives a test that calls `use` once the agent has said hello. `agent` is asked for when the test begins. */
export function withStartedAgent(
  agent: () => BuiltAgent,
  use: (fleet: FleetOfOne, runs: CountedRuns) => Promise<void>,
): () => Promise<void> {
  return () =>
    withCountedRuns((runs) =>
      withFleetOfOne(agent(), async (fleet) => {
        fleet.start();
        await fleet.next('hello');
        await use(fleet, runs);
      }),
    );
}
