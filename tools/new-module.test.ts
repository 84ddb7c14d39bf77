/** Which names a new module may have, and where it is named. test/long/new-module.long.ts looks at what is written. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withModule } from './module-list.ts';
import { refusalOf } from './module-name.ts';

const root = join(import.meta.dirname, '..');

test.each([
  ['Mine', /expected a name of 2 to 32 lower case letters and digits, got 'Mine'/],
  ['class', /'class' is a word of the language or of the tests/],
  ['agents', /mig agents is a command/],
  ['file', /packages\/modules\/src\/file is there already/],
  ['mine', undefined],
])('the name %s: %s', (name, reason) => {
  const refusal = refusalOf(root, name);
  if (reason === undefined) expect(refusal).toBeUndefined();
  else expect(refusal).toMatch(reason);
});

test('a name that is refused is wrong use, and nothing is written', () => {
  const words = ['node_modules/tsx/dist/cli.mjs', '--conditions=mig-source', 'tools/new-module.ts', 'agents'];
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^new:module: mig agents is a command/)]);
});

test('a module is named in its place: first, between, last', () => {
  const list = readFileSync(join(root, 'packages/modules/src/available.ts'), 'utf8');
  for (const name of ['aa', 'foo', 'zz']) {
    const changed = withModule(list, name);
    expect(changed).toContain(`import { ${name} } from './${name}/${name}.ts';\n`);
    const names = [...changed.matchAll(/^ {2}(\w+),$/gm)].map(([, one]) => one);
    expect(names).toEqual([...names].sort());
    expect(names).toContain(name);
  }
});
