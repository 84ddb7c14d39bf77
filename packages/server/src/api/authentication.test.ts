import { expect, test } from 'vitest';
import { createSecret } from './authentication.ts';

test('no secret begins with a dash, which a command line would take for an option', () => {
  for (let i = 0; i < 1000; i++) expect(createSecret().secret).toMatch(/^[0-9a-f]{64}$/);
});
