/**
 * A process that holds memory as a test says, written in Python (Debian package python3): what it holds stands at known
 * addresses and nowhere else in it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface HeldRegion {
  readonly pages: number;
  /** Write to every page. */
  readonly touch?: boolean;
  /** Make every second page read-only, so that each page is a mapping of its own. */
  readonly stripes?: boolean;
  /** What to write where; offsets count bytes from the start of the region. */
  readonly puts?: readonly (readonly [offset: number, bytes: Uint8Array])[];
}

export interface Holder {
  readonly pid: number;
  /** Path of its executable. */
  readonly executable: string;
  /** Addresses of the regions. */
  readonly addresses: readonly number[];
  /** Ends it; gives how often it worked on its memory since it began, and the longest time that took. */
  stop(): Promise<{ readonly rounds: number; readonly longestms: number }>;
  kill(): Promise<void>;
}

/** Runs `use` while a process holds `regions`; the process has ended when this resolves. */
export async function withHolder<T>(regions: readonly HeldRegion[], use: (holder: Holder) => Promise<T>): Promise<T> {
  const child = spawn(python(), [join(import.meta.dirname, 'hold-memory.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  try {
    child.stdin.write(`${JSON.stringify(regions.map(hide))}\n`);
    const addresses = JSON.parse((await lines.next()).value as string) as number[];
    return await use({
      pid: child.pid!,
      executable: realpathSync(`/proc/${child.pid}/exe`),
      addresses,
      async stop() {
        child.stdin.write('stop\n');
        return JSON.parse((await lines.next()).value as string);
      },
      async kill() {
        end(child);
        await ended;
      },
    });
  } finally {
    end(child);
    await ended;
  }
}

function end(child: ChildProcess): void {
  child.stdin?.destroy();
  child.kill('SIGKILL');
}

/** The interpreter itself, not a script that would start it. */
function python(): string {
  try {
    return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  } catch (cause) {
    throw new Error('this test needs python3: install the Debian package python3', { cause });
  }
}

function hide(region: HeldRegion): object {
  const puts = region.puts?.map(([offset, bytes]) => [
    offset,
    Buffer.from(bytes.map((byte) => byte ^ 0xff)).toString('hex'),
  ]);
  return { ...region, puts };
}
