import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { run } from './processes.ts';

/** What bash offers for the last of `words`. */
function offeredByBash(script: string, words: readonly string[]): string[] {
  const code = `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mig; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', code, 'bash', ...words], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

describe('mig completion bash', () => {
  test.each([
    [['mig', 'net'], ['netstat']],
    [
      ['mig', 'ac'],
      ['actions', 'action'],
    ],
    [['mig', 'pkg', '-na'], ['-name']],
    [
      ['mig', 'file', '-target'],
      ['-target-found', '-target-notfound'],
    ],
    [['mig', 'key', 'ex'], ['export']],
    [['mig', 'nothing', ''], ['']],
  ])('offers, for %j, %j', async (words, expected) => {
    const { stdout } = await run('mig', ['completion', 'bash']);
    expect(offeredByBash(stdout, words)).toEqual(expected);
  });
});

test('mig completion knows bash, zsh and fish, and no other shell', async () => {
  const { status, stderr } = await run('mig', ['completion', 'tcsh']);
  expect([status, stderr]).toEqual([2, "mig: completion: expected bash, zsh, fish, got 'tcsh'\n"]);
});
