/** The network namespaces of this machine, and which process owns which socket. */
import { readdirSync, readlinkSync } from 'node:fs';

export interface NetworkNamespace {
  /** As the kernel names it, `net:[4026531840]`; undefined for the agent's own. */
  readonly name: string | undefined;
  /** A process that is in it: its /proc/PID/net is the namespace's. */
  readonly pid: number | 'self';
}

/** The agent's own namespace, and with `all`, one entry for each other that some process is in. */
export function findNamespaces(proc: string, all: boolean, warn: (message: string) => void): NetworkNamespace[] {
  const own: NetworkNamespace = { name: undefined, pid: 'self' };
  if (!all) return [own];
  const seen = new Map<string, NetworkNamespace>([[readlinkSync(`${proc}/self/ns/net`), own]]);
  let refused = 0;
  for (const pid of processIds(proc)) {
    try {
      const name = readlinkSync(`${proc}/${pid}/ns/net`);
      if (!seen.has(name)) seen.set(name, { name, pid });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM') refused++;
    }
  }
  if (refused > 0) warn(`the network namespaces of ${refused} processes may not be read, run as root to see all`);
  return [...seen.values()];
}

export interface Owner {
  readonly pid: number;
  readonly path: string | undefined;
}

/** Who holds each socket, by inode: the first process by number. Reads the descriptors of all processes once. */
export async function findOwners(
  proc: string,
  breathe: () => Promise<void> | undefined,
): Promise<ReadonlyMap<number, Owner>> {
  const owners = new Map<number, Owner>();
  for (const pid of processIds(proc)) {
    const path = linkOf(`${proc}/${pid}/exe`);
    for (const descriptor of descriptorsOf(proc, pid)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`${proc}/${pid}/fd/${descriptor}`) ?? '')?.[1];
      if (inode !== undefined && !owners.has(Number(inode))) owners.set(Number(inode), { pid, path });
    }
    const pause = breathe();
    if (pause !== undefined) await pause;
  }
  return owners;
}

function processIds(proc: string): number[] {
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

function descriptorsOf(proc: string, pid: number): readonly string[] {
  try {
    return readdirSync(`${proc}/${pid}/fd`);
  } catch {
    return []; // It ended, or is not ours to look into: its sockets have no owner that can be told.
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}
