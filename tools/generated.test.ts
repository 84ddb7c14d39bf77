import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kernelText } from './kernel.ts';
import { manifestText } from './manifest.ts';

const committed = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8');

test('the committed manifest is what the declarations say (npm run generate writes it)', () => {
  const isFresh = committed('packages/modules/manifest.json') === manifestText();
  expect(isFresh).toBe(true);
});

test('the committed kernel is what its source compiles to (npm run generate writes it)', async () => {
  const isFresh = committed('packages/regexp/src/kernel/kernel-binary.ts') === (await kernelText());
  expect(isFresh).toBe(true);
});
