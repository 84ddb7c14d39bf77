import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manifestText } from './manifest.ts';

test('the committed manifest is what the declarations say (npm run generate writes it)', () => {
  const committed = readFileSync(join(import.meta.dirname, '../packages/modules/manifest.json'), 'utf8');
  expect(committed).toBe(manifestText());
});
