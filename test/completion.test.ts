import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    [
      ['mig', 'netstat', '-t', 'o'],
      ['online', 'offline'],
    ],
    [
      ['mig', 'netstat', '-t', 'online', '-show', ''],
      ['found', 'notfound', 'all'],
    ],
    [
      ['mig', 'file', '-mismatch', 's'],
      ['size', 'sha1', 'sha2', 'sha3'],
    ],
    [['mig', '-i', ''], ['']],
    [['mig', '--config', 'file', 'resu'], ['results']],
    [['mig', 'nothing', ''], ['']],
  ])('offers, for %j, %j', async (words, expected) => {
    const { stdout } = await run('mig', ['completion', 'bash']);
    expect(offeredByBash(stdout, words)).toEqual(expected);
  });
});

/** Calls `use` with a file that holds the script for `shell`. */
async function withScript(shell: string, use: (file: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mig-completion-'));
  const file = join(folder, '_mig');
  try {
    writeFileSync(file, (await run('mig', ['completion', shell])).stdout);
    use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs `shell` from the Debian package of the same name. */
function runShell(shell: string, words: readonly string[]): string {
  try {
    return execFileSync(shell, words, { encoding: 'utf8', timeout: 20_000 });
  } catch (cause) {
    throw new Error(`${shell} failed; it is in the Debian package ${shell}`, { cause });
  }
}

test('mig completion fish offers modules, flags and the words of commands', () =>
  withScript('fish', (file) => {
    for (const [line, expected] of [
      ['mig net', 'netstat'],
      ['mig pkg -na', '-name'],
      ['mig key ex', 'export'],
      ['mig netstat -t onl', 'online'],
      ['mig --config file resu', 'results'],
    ] as const) {
      const offered = runShell('fish', ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', file, line]);
      expect(offered.split('\n')).toContain(expected);
    }
  }));

test('mig completion zsh completes, at a terminal, what the tab key follows', () =>
  withScript('zsh', (file) => {
    const code = `
zmodload zsh/zpty
zpty z 'TERM=dumb zsh -f -i'
zpty -w z "PS1=; autoload -Uz compinit; compinit -u -D; source $1; mig() { print -r -- \\"<\\$*>\\" }"
for line in $@[2,-1]; do zpty -w -n z "$line"$'\\t\\n'; done
zpty -w z exit
while zpty -r z out; do print -rn -- "$out"; done`;
    const lines = ['mig net', 'mig pkg -na', 'mig key ex', 'mig pkg -t onl'];
    const shown = runShell('zsh', ['-f', '-c', code, 'zsh', file, ...lines])
      .replaceAll('\r', '')
      .split('\n');
    expect(shown.filter((line) => /^<[^$]*>$/.test(line))).toEqual([
      '<netstat>',
      '<pkg -name>',
      '<key export>',
      '<pkg -t online>',
    ]);
  }));

test('mig completion knows bash, zsh and fish, and no other shell', async () => {
  const { status, stderr } = await run('mig', ['completion', 'tcsh']);
  expect([status, stderr]).toEqual([2, "mig: completion: expected bash, zsh, fish, got 'tcsh'\n"]);
});
