/** The network namespaces of this machine (network_namespaces(7)). */
import { readdirSync, readlinkSync } from 'node:fs';

export interface NetworkNamespace {
  /** As the kernel names it, `net:[4026531840]`; undefined for the agent's own. */
  readonly name: string | undefined;
  /** Processes that are in it, as folders of /proc: the `net` in each of them is the namespace's. */
  readonly folders: readonly string[];
}

/** Processes to try for one namespace: they may end while we look. */
const mostFolders = 50;

/** The agent's own namespace, and with `all`, one entry for each other that some process is in. */
export function findNamespaces(proc: string, all: boolean, warn: (message: string) => void): NetworkNamespace[] {
  const own: NetworkNamespace = { name: undefined, folders: [`${proc}/self`] };
  if (!all) return [own];
  const ownName = readlinkSync(`${proc}/self/ns/net`);
  const others = new Map<string, string[]>();
  let refused = 0;
  for (const pid of processIds(proc)) {
    try {
      const name = readlinkSync(`${proc}/${pid}/ns/net`);
      if (name === ownName) continue;
      const folders = others.get(name) ?? [];
      others.set(name, folders);
      if (folders.length < mostFolders) folders.push(`${proc}/${pid}`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM') refused++;
    }
  }
  if (refused > 0) warn(`the network namespaces of ${refused} processes may not be read, run as root to see all`);
  const sorted = [...others].sort(([a], [b]) => (a < b ? -1 : 1));
  return [own, ...sorted.map(([name, folders]) => ({ name, folders }))];
}

/** The numbers of all processes, lowest first. */
export function processIds(proc: string): number[] {
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}
