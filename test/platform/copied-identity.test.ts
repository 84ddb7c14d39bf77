/** A machine is copied with its agent: two agents run with one identity, and whoever looks at the fleet is told. */
import { cpSync } from 'node:fs';
import { followAgents } from '@mig/api';
import { startProcess, withPlatform } from '@mig/testing';
import { expect, test } from 'vitest';

test(
  'an agent that runs on two machines is marked in lists, with where both are and the way out',
  { timeout: 60_000 },
  () =>
    withPlatform(async (platform) => {
      const original = await platform.enrol('original');
      const { configDirectory, stateDirectory } = original;
      const copy = [`${configDirectory}-copy`, `${stateDirectory}-copy`] as const;
      cpSync(configDirectory, copy[0], { recursive: true });
      await original.start();
      const alone = platform.mig(['agents']);
      expect(await alone.ended).toBe(0);
      expect(alone.output()).not.toContain('copied');

      const second = startProcess('mig-agent', ['--config-dir', copy[0], '--state-dir', copy[1]]);
      try {
        for await (const { data } of platform.client.follow(followAgents)) if (data.copied !== null) break;
        const listed = platform.mig(['agents', '-t', 'copied IS NOT NULL']);
        expect(await listed.ended).toBe(0);
        expect(listed.stdout()).toMatch(/^original +\w+, copied /m);
        expect(listed.output()).toContain('the identity of 1 agent was copied to another machine: in mig-console');
        const json = platform.mig(['agents', '-json']);
        expect(await json.ended).toBe(0);
        const { copied } = JSON.parse(json.stdout());
        const pids = copied.processes.map(({ pid }: { pid: number }) => pid);
        expect(new Set(pids)).toEqual(new Set([original.process.pid, second.pid]));
        const console_ = platform.console();
        console_.child.stdin!.end('agent original\n');
        expect(await console_.ended).toBe(0);
        expect(console_.output()).toMatch(/copied, it runs twice: as \S+ \(process \d+, .* and as \S+ \(process \d+/);
        expect(console_.output()).toContain('enrol one of the two anew, on its machine: mig-agent enrol --replace');
      } finally {
        await second.kill();
      }
    }),
);
