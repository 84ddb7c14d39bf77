import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { uptime as osUptime, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostBundle, hostBundleIn, runModuleProcess } from '@mig/module/runner';
import { uptime } from '@mig-examples/uptime';
import type { Plugin } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentBundle, buildSnapshot } from '../tools/agent-bundle.ts';
import { writeBundles } from '../tools/bundle.ts';
import { withLazyModules } from '../tools/lazy-modules.ts';
import { root } from './processes.ts';

/** The list with the module named in it, as the README of the example says. */
const withUptime: Plugin = {
  name: 'with-uptime',
  setup(bundle) {
    bundle.onLoad({ filter: /modules\/src\/available\.ts$/ }, ({ path }) => {
      const list = readFileSync(path, 'utf8').replace('createRegistry([', 'createRegistry([uptime, ');
      const contents = withLazyModules(`import { uptime } from '@mig-examples/uptime';\n${list}`);
      return { contents, loader: 'ts', resolveDir: join(root, 'packages/modules/src') };
    });
  },
};

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mig-outside-'));
  await writeBundles([agentBundle([withUptime], folder)], '0.0.0');
  buildSnapshot(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a module from outside that is named in the list', () => {
  test.each<[string, (host: HostBundle) => HostBundle]>([
    ['from the start-up snapshot', (host) => host],
    ['from the script alone', ({ script }) => ({ script, nodeFlags: [] })],
  ])('runs as the agent runs it, %s', async (_, choose) => {
    const host = choose(hostBundleIn(folder));
    const result = await runModuleProcess(uptime, { longerthan: '1ms' }, { host });
    expect(result).toMatchObject({ foundanything: true, success: true, statistics: {}, errors: null });
    const { startedat } = result.elements as { readonly startedat: string };
    expect(Math.abs(Date.now() - osUptime() * 1000 - Date.parse(startedat))).toBeLessThan(60_000);
  });
});
