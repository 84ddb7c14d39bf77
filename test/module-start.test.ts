/** What the start-up snapshot of module processes holds: it is read whole, with every operation on every endpoint. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineFlags } from '@mig/module/runner';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-start-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The modules of Node that a snapshot of `program` holds. */
function loadedBy(program: string): string[] {
  const script = join(folder, 'program.cjs');
  const look =
    "require('node:v8').startupSnapshot.addSerializeCallback(() => process._rawDebug(process.moduleLoadList.join('\\n')));";
  writeFileSync(script, `${look}\n${program}`);
  const words = [...engineFlags, '--snapshot-blob', join(folder, 'blob'), '--build-snapshot', script];
  const { stderr, status } = spawnSync(process.execPath, words, { encoding: 'utf8', env: {} });
  expect(status).toBe(0);
  return stderr.split('\n').flatMap((line) => /^NativeModule ([a-z_]+)$/.exec(line)?.[1] ?? []);
}

test('it holds neither cryptography nor compression, nor what starts processes and threads', () => {
  const bundle = readFileSync(join(import.meta.dirname, '../packages/agent/dist/mig-agent.cjs'), 'utf8');
  const loaded = loadedBy(bundle);
  expect(loaded).toContain('fs');
  for (const heavy of ['crypto', 'tls', 'http', 'https', 'zlib', 'child_process', 'worker_threads']) {
    expect(loaded).not.toContain(heavy);
  }
  expect(loadedBy(`require('node:crypto');\n${bundle}`)).toContain('crypto');
});
