import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from './processes.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-outside-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a module from outside is compiled in by naming it in the list, as its README says', async () => {
  const list = readFileSync(join(root, 'packages/modules/src/available.ts'), 'utf8');
  const changed = `import { uptime } from '@mig-examples/uptime';\n${list.replace('createRegistry([', 'createRegistry([uptime, ')}`;
  const bundle = join(folder, 'mig-agent.cjs');
  await build({
    entryPoints: [join(root, 'packages/agent/src/entry.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    conditions: ['mig-source'],
    external: ['@litko/*'],
    plugins: [
      {
        name: 'with-uptime',
        setup: (one) =>
          one.onLoad({ filter: /modules\/src\/available\.ts$/ }, () => ({
            contents: changed,
            loader: 'ts',
            resolveDir: join(root, 'packages/modules/src'),
          })),
      },
    ],
  });
  const input = '{"class":"parameters","parameters":{"shorterthan":"1000000h"}}\n';
  const output = execFileSync(process.execPath, [bundle, '-m', 'uptime'], { input, encoding: 'utf8' });
  expect(JSON.parse(output)).toMatchObject({ foundanything: true, success: true, statistics: {}, errors: null });
});
