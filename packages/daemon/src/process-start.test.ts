import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startOf } from './process-start.ts';

test('a process that has ended has no start, even while nobody has waited for it', async () => {
  // The shell ends its child and becomes a program that never waits for it.
  const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; read go; kill -9 $!; exec sleep 60'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [chunk] = (await once(shell.stdout, 'data')) as [Buffer];
    const pid = Number(chunk.toString());
    expect(startOf(pid)).toMatch(/^[0-9a-f-]{36} \d+$/);
    expect(startOf(pid)).toBe(startOf(pid));
    shell.stdin.write('\n');
    await expect.poll(() => startOf(pid), { timeout: 10_000 }).toBeUndefined();
    expect(() => process.kill(pid, 0)).not.toThrow();
  } finally {
    shell.kill('SIGKILL');
    await once(shell, 'close');
  }
});
