import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorNames } from './problem.ts';

test('docs/errors.md lists the codes of the API with their statuses, exactly these', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/errors.md'), 'utf8');
  const section = /^## API\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(page)?.[1] ?? '';
  const listed = [...section.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| \S.* \| \S.* \|$/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ]);

  expect(listed).toEqual(Object.entries(errorNames));
});
