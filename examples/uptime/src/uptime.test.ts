import { execFileSync } from 'node:child_process';
import { describeContract, run, runFlags } from '@mig/module/testing';
import { describe, expect, test } from 'vitest';
import { uptime } from './uptime.ts';

describeContract(uptime);

describe('uptime', () => {
  test('gives the start that uptime(1) gives', async () => {
    const result = await runFlags(uptime, []);
    const started = execFileSync('uptime', ['-s'], { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } }).trim();
    const { startedat } = result.elements as { startedat: string };
    expect(Math.abs(Date.parse(startedat) - Date.parse(`${started.replace(' ', 'T')}Z`))).toBeLessThan(3000);
  });

  test('finds an endpoint between the bounds, and none outside', async () => {
    const found = async (...flags: string[]) => (await runFlags(uptime, flags)).foundanything;
    expect(await found('-longerthan', '1ns', '-shorterthan', '1000000h')).toBe(true);
    expect(await found('-longerthan', '1000000h')).toBe(false);
    expect(await found('-shorterthan', '1ns')).toBe(false);
  });

  test('refuses what is no duration', async () => {
    expect((await run(uptime, { longerthan: 'a day' })).errors![0]).toMatch(
      /^parameter 'longerthan': expected a duration/,
    );
  });
});
