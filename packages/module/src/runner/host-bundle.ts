/** Finds the program that module processes run: the agent's bundle, and its start-up snapshot where it fits this Node. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The script of a module host, and the flags of Node that start it fastest. */
export interface HostBundle {
  readonly script: string;
  readonly nodeFlags: readonly string[];
}

/**
 * Flags of V8 for a module process; a snapshot is tied to them too, so that it is built with the same. What is new is
 * collected in small steps, and by the thread that made it: a walk makes millions of short-lived objects, would let 10 MB
 * more of them stand, and has a thread for each of two processors already. What is old is looked at once there are 32 MB of it:
 * few runs come so far. What is hot is compiled in smaller pieces: most
 * runs are over in less than a second, of which the compiler took a fifth.
 */
export const engineFlags: readonly string[] = [
  '--max-old-space-size=256',
  '--max-semi-space-size=2',
  '--single-threaded-gc',
  '--initial-old-space-size=32',
  '--max-inlined-bytecode-size=100',
  '--max-inlined-bytecode-size-small=20',
  '--max-inlined-bytecode-size-cumulative=300',
  '--no-turbo-loop-peeling',
];

/** The exit status of Node when a snapshot does not fit it (https://nodejs.org/api/process.html#exit-codes). */
export const snapshotRefused = 14;

/** What a snapshot is tied to: Node refuses to start from one that another Node built (node(1), --snapshot-blob). */
export function snapshotIdentity(): string {
  return [process.version, process.platform, process.arch, process.versions.v8, ...engineFlags].join(' ');
}

/** The bundle in `directory`, which `npm run build` filled. Without a fitting snapshot it starts from the script alone. */
export function hostBundleIn(directory: string): HostBundle {
  const script = join(directory, 'mig-agent.cjs');
  const snapshot = join(directory, 'mig-agent.blob');
  return { script, nodeFlags: isFitting(`${snapshot}.for`) ? ['--snapshot-blob', snapshot] : [] };
}

function isFitting(identityFile: string): boolean {
  try {
    return readFileSync(identityFile, 'utf8') === snapshotIdentity();
  } catch {
    return false;
  }
}
