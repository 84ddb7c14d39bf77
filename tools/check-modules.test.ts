import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { problemsOfModules } from './check-modules.ts';

const folder = mkdtempSync(join(tmpdir(), 'mig-check-modules-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is wrong with a module `mine` of this text. */
function problemsOf(name: string, text: string): Promise<readonly string[]> {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, `${name}.ts`), text);
  const list = `import { createRegistry } from '@mig/module';
import { ${name} } from './${name}/${name}.ts';

export const available = createRegistry([
  ${name},
]);
`;
  return problemsOfModules(list, folder);
}

const placeOf = (name: string) => relative(join(import.meta.dirname, '..'), join(folder, name, `${name}.ts`));

test('a module that can be declared is no problem', async () => {
  expect(await problemsOf('fine', "export const fine = { name: 'fine' };\n")).toEqual([]);
});

test('a list that does not look as expected is one problem', async () => {
  const [problem, ...others] = await problemsOfModules("import { lost } from './lost.ts';\n", folder);
  expect([problem, others]).toEqual([expect.stringContaining('got 0 in the list, 1 imported'), []]);
});

test.each([
  [
    'throwing',
    "\nexport const throwing = JSON.parse('{');\n",
    /:2:\d+: the module throwing cannot be declared: .+JSON/,
  ],
  ['refused', "throw new Error('module refused: expected two or more examples, got 1');\n", /got 1$/],
  ['absent', 'export const other = 1;\n', /: expected it to export the module absent, and it does not$/],
  ['renamed', "export const renamed = { name: 'mine' };\n", /exports as renamed a module that is called 'mine'/],
  ['malformed', 'export const malformed = {;\n', /the module malformed cannot be declared: /],
])('a module that is %s is told with its file', async (name, text, expected) => {
  const [problem, ...others] = await problemsOf(name, text);
  expect(others).toEqual([]);
  expect(problem).toMatch(expected);
  expect(problem!.startsWith(placeOf(name))).toBe(true);
});
