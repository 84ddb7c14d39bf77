/** What is said of agents whose identity was copied: two machines run with it, and either answers for both. */
import type { Agent, CopiedIdentity } from '@mig/action';
import { agoOf } from './missing.ts';

/** Where the two run, and since when they are known to. */
export function copiedText({ time, processes }: CopiedIdentity): string {
  const where = processes.map(
    ({ name, pid, addresses }) => `${name} (process ${pid}, ${addresses.join(' ') || 'no address'})`,
  );
  return `copied, it runs twice: as ${where.join(' and as ')}, last ${agoOf(time)}; either answers for both`;
}

export const copiedWayOut = 'enrol one of the two anew, on its machine: mig-agent enrol --replace …';

/** Below a list of agents: undefined when none of them was copied. */
export function copiedRemark(agents: readonly Pick<Agent, 'copied'>[]): string | undefined {
  const count = agents.filter(({ copied }) => copied !== null).length;
  if (count === 0) return undefined;
  const whose = count === 1 ? 'the identity of 1 agent was' : `the identities of ${count} agents were`;
  return `${whose} copied to another machine: in mig-console, agent NAME says which two run with it, and the way out`;
}
