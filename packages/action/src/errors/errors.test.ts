import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ActionError, actionError, refusal } from './refusal.ts';
import { errorCodes } from './registry.ts';

describe('refusals', () => {
  test('are listed in docs/errors.md, exactly these', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../../docs/errors.md'), 'utf8');
    const section = /^## Actions\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(page)?.[1] ?? '';
    const listed = section.split('\n').filter((line) => line.startsWith('| `'));

    const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/\{([a-z]+)\}/g, '*$1*');
    const rows = Object.entries(errorCodes).map(
      ([code, { message, wayout }]) => `| \`${code}\` | ${cell(message)} | ${cell(wayout)} |`,
    );
    expect(listed).toEqual(rows);
  });

  test('say what is wrong without a full stop, and what to do with one', () => {
    for (const [code, { message, wayout }] of Object.entries(errorCodes)) {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
      expect(message).not.toMatch(/\.$|\{[^a-z]/);
      expect(wayout).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('show values from outside short and on one line', () => {
    const { message } = refusal('ACTION_OTHER_FLEET', {
      value: `a\n\u001b[31m{expected}$&${'x'.repeat(1000)}`,
      expected: 'lab',
    });

    expect(message).toBe(`action is for the fleet 'a\uFFFD\uFFFD[31m{expected}$&${'x'.repeat(381)}…', expected 'lab'`);
  });

  test('are thrown as errors that keep their code and cause', () => {
    const cause = new Error('deeper');
    const error = actionError('KEY_UNKNOWN', { fingerprint: 'AB' }, { cause });

    expect(error).toBeInstanceOf(ActionError);
    expect(error).toMatchObject({
      name: 'ActionError',
      code: 'KEY_UNKNOWN',
      message: 'key AB is not in the keyring',
      cause,
    });
    expect(error.refusal).toEqual(refusal('KEY_UNKNOWN', { fingerprint: 'AB' }));
  });
});
