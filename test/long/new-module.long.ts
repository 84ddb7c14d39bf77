/** A module as `npm run new:module` writes it is held to what every module is held to, before its author touches it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trackedFiles } from '../../tools/tracked-files.ts';

const root = join(import.meta.dirname, '../..');
let copy = '';

/** A checkout of its own: the same files, the same dependencies, its own packages. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'mig-new-module-'));
  const paths = trackedFiles(root, /^(?!(bench|packaging|packages\/(server|relay|agent|testing)\/src\/.*\.test\.ts$))/);
  execFileSync('cp', ['--parents', '--', ...paths, copy], { cwd: root });
  execFileSync('git', ['init', '-q'], { cwd: copy });
  for (const scope of ['', '@mig', '@mig-examples']) {
    const from = join(root, 'node_modules', scope);
    mkdirSync(join(copy, 'node_modules', scope), { recursive: true });
    for (const name of readdirSync(from).filter((entry) => !entry.startsWith('@mig'))) {
      const packages = { '': join(from, name), '@mig': join(copy, 'packages', name) };
      symlinkSync(
        packages[scope as keyof typeof packages] ?? join(copy, 'examples', name),
        join(copy, 'node_modules', scope, name),
      );
    }
  }
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const tsx = ['node_modules/tsx/dist/cli.mjs', '--conditions=mig-source'];

/** Runs a program of Node in the copy; gives what it wrote when it failed, and nothing when it did not. */
function complaints(words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: copy, encoding: 'utf8' });
  return status === 0 ? '' : `${words.join(' ')}: ${status}\n${stdout}\n${stderr}`;
}

test('a new module of either kind passes lint, types, the manifest and its own tests as it was written', () => {
  const longest = `a${'b'.repeat(31)}`;
  expect(complaints([...tsx, 'tools/new-module.ts', longest])).toBe('');
  expect(complaints([...tsx, 'tools/new-module.ts', 'stays', '--persistent'])).toBe('');
  const folders = [longest, 'stays'].map((name) => `packages/modules/src/${name}`);
  expect(complaints(['node_modules/@biomejs/biome/bin/biome', 'check', 'packages/modules'])).toBe('');
  expect(complaints([...tsx, 'tools/check-imports.ts'])).toBe('');
  expect(complaints([...tsx, 'tools/check-house.ts'])).toBe('');
  const include = [...folders, 'packages/modules/src/available.ts'];
  writeFileSync(join(copy, 'tsconfig.new.json'), JSON.stringify({ extends: './tsconfig.json', include }));
  expect(complaints(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.new.json'])).toBe('');
  expect(complaints(['node_modules/vitest/vitest.mjs', 'run', ...folders])).toBe('');
  const manifest = JSON.parse(readFileSync(join(copy, 'packages/modules/manifest.json'), 'utf8')) as {
    modules: { name: string }[];
  };
  const names = manifest.modules.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([longest, 'stays']));
  expect(names).toEqual([...names].sort());
});
