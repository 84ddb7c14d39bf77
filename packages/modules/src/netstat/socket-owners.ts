/** Which process owns which socket. */
import { readdirSync, readlinkSync } from 'node:fs';
import type { RunContext } from '@mig/module';
import { showPath } from '../file/raw-path.ts';
import { processIds } from './namespaces.ts';

export interface Owner {
  readonly pid: number;
  readonly path: string | undefined;
}

/**
 * Who holds each of `inodes`: the first process by number. Looks through the descriptors of processes once, and no
 * further than the last of `inodes`. Warns when an owner is missing and some processes could not be looked into.
 */
export async function findOwners(
  inodes: ReadonlySet<number>,
  proc: string,
  { breathe, signal, warn }: RunContext<unknown>,
): Promise<ReadonlyMap<number, Owner>> {
  const owners = new Map<number, Owner>();
  let refused = 0;
  for (const pid of inodes.size === 0 ? [] : processIds(proc)) {
    if (owners.size === inodes.size) break;
    let owner: Owner | undefined;
    try {
      for (const inode of socketsIn(`${proc}/${pid}/fd`)) {
        const pause = breathe();
        if (pause) await pause;
        if (!inodes.has(inode) || owners.has(inode)) continue;
        owner ??= { pid, path: executableOf(`${proc}/${pid}/exe`) };
        owners.set(inode, owner);
      }
    } catch (error) {
      signal.throwIfAborted();
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM') refused++; // Otherwise the process has ended.
    }
  }
  const missing = inodes.size - owners.size;
  if (missing > 0 && refused > 0) {
    warn(
      `the owners of ${missing} sockets are unknown: ${refused} processes may not be looked into, run as root to see all`,
    );
  }
  return owners;
}

function* socketsIn(folder: string): Generator<number> {
  for (const descriptor of readdirSync(folder)) {
    let target: string;
    try {
      target = readlinkSync(`${folder}/${descriptor}`);
    } catch {
      continue; // It was closed.
    }
    if (target.startsWith('socket:[')) yield Number(target.slice(8, -1));
  }
}

function executableOf(link: string): string | undefined {
  try {
    return showPath(readlinkSync(link, 'buffer')).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}
