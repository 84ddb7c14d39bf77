import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateOthers } from './generate-others.ts';
import { manifestText } from './manifest.ts';

const root = join(import.meta.dirname, '..');
const committed = (path: string) => readFileSync(join(root, path), 'utf8');

test('the committed manifest is what the declarations say (npm run generate writes it)', () => {
  const isFresh = committed('packages/modules/manifest.json') === manifestText();
  expect(isFresh).toBe(true);
});

test('the kernel and the tables of settings are what their sources say (npm run generate writes them)', async () => {
  const made = await generateOthers(root);
  const stale = Object.keys(made).filter((path) => committed(path) !== made[path]);
  expect(stale).toEqual([]);
});
