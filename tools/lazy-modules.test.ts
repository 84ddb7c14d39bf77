import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { available } from '../packages/modules/src/available.ts';
import { withLazyModules } from './lazy-modules.ts';

const list = readFileSync(join(import.meta.dirname, '../packages/modules/src/available.ts'), 'utf8');

test('every module of the list is declared when it is asked for', () => {
  const text = withLazyModules(list);
  for (const { name } of available.modules)
    expect(text).toContain(`  ${name}: () => require('./${name}/${name}.ts').${name},`);
  expect(text.match(/require\(/g)).toHaveLength(available.modules.length);
});

test.each([
  ["import { ping } from './ping/ping.ts';\n", '', '15 imported, ping not'],
  ['import { ping }', 'import { pong as ping }', '15 imported, ping not'],
  ['  ping,\n', '', '15 in the list, 16 imported'],
])('is refused when %j is %j', (from, to, why) => {
  expect(list).toContain(from);
  expect(() => withLazyModules(list.replace(from, to))).toThrow(why);
});
