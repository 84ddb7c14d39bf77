/** Whole processes timed side by side: interleaved, so that what disturbs the machine disturbs them all alike. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** A program as it is started; `input` is a file for its standard input. */
export interface Contestant {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly input?: string;
  /** Default: only what programs need; NODE_EXTRA_CA_CERTS alone costs every Node 38 ms. */
  readonly env?: NodeJS.ProcessEnv;
}

const environment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' };

/** Milliseconds of each contestant in each of `rounds`, after one round that warms the cache. By name. */
export function raceProcesses(contestants: readonly Contestant[], rounds: number): ReadonlyMap<string, number[]> {
  const times = new Map(contestants.map(({ name }) => [name, [] as number[]]));
  for (let round = -1; round < rounds; round++) {
    for (const contestant of contestants) {
      const took = timeProcess(contestant);
      if (round >= 0) times.get(contestant.name)!.push(took);
    }
  }
  return times;
}

/** Runs one to its end. Throws when it cannot start, or fails: 1 says that nothing was found. */
function timeProcess({ name, command, args, input, env = environment }: Contestant): number {
  const fd = input === undefined ? 'ignore' : openSync(input, 'r');
  const began = performance.now();
  const { status, error } = spawnSync(command, args, { env, stdio: [fd, 'ignore', 'ignore'] });
  const took = performance.now() - began;
  if (typeof fd === 'number') closeSync(fd);
  if (error !== undefined) throw error;
  if (status === null || status > 1) throw new Error(`${name}: expected exit status 0 or 1, got ${status}`);
  return took;
}

/** Most resident memory of a process in MiB, as proc(5) tells shortly before its end. Linux. */
export function peakMemoryMb({ command, args, input, env = environment }: Contestant): Promise<number> {
  const fd = input === undefined ? 'ignore' : openSync(input, 'r');
  const child = spawn(command, args, { env, stdio: [fd, 'ignore', 'ignore'] });
  if (typeof fd === 'number') closeSync(fd);
  let peakKb = 0;
  const timer = setInterval(() => {
    const line = /VmHWM:\s+(\d+)/.exec(readStatus(child.pid!));
    peakKb = Math.max(peakKb, Number(line?.[1] ?? 0));
  }, 2);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      clearInterval(timer);
      resolve(peakKb / 1024);
    });
  });
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return ''; // It ended.
  }
}
