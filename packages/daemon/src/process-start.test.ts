import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startOf } from './process-start.ts';

test('a process that has ended has no start, even while nobody has waited for it', async () => {
  // The shell becomes a program that never waits for its child.
  const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 61'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [chunk] = (await once(shell.stdout, 'data')) as [Buffer];
    const pid = Number(chunk.toString());
    expect(startOf(pid)).toMatch(/^[0-9a-f-]{36} \d+$/);
    expect(startOf(pid)).toBe(startOf(pid));
    await expect.poll(() => readFileSync(`/proc/${shell.pid}/comm`, 'latin1'), { timeout: 10_000 }).toBe('sleep\n');
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => startOf(pid), { timeout: 10_000 }).toBeUndefined();
    expect(() => process.kill(pid, 0)).not.toThrow();
  } finally {
    shell.kill('SIGKILL');
    await once(shell, 'close');
  }
});
