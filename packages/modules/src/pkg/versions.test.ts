/** The order of versions, against dpkg and rpm themselves, on thousands of generated pairs. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareDpkg } from './dpkg-version.ts';
import { judgeVersion, operations } from './evr.ts';
import { compareRpm } from './rpm-version.ts';

type Pair = readonly [string, string];

/** Versions made of few pieces, so that many of them have much in common. */
function versions(pieces: readonly string[], release: readonly string[]): fc.Arbitrary<string> {
  const body = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
  const epoch = fc.constantFrom('', '', '', '0:', '1:', '2:', '10:');
  const end = fc
    .array(fc.constantFrom(...release), { maxLength: 4 })
    .map((parts) => (parts.length > 0 ? `-${parts.join('')}` : ''));
  return fc.tuple(epoch, body, end).map((parts) => parts.join(''));
}

/** Pairs, half of them of versions that differ in one place only. */
function pairs(version: fc.Arbitrary<string>, pieces: readonly string[], count: number): Pair[] {
  const edited = fc.tuple(version, fc.nat(20), fc.constantFrom(...pieces)).map(([text, place, piece]): Pair => {
    const at = Math.max(text.indexOf(':') + 2, Math.min(place, text.length));
    return [text, text.slice(0, at) + piece + text.slice(at)];
  });
  return fc.sample(fc.oneof(fc.tuple(version, version), edited), { numRuns: count });
}

/** The pairs whose order is another than `truth` says. */
function disagreements(
  sample: readonly Pair[],
  compare: (a: string, b: string) => number,
  truth: readonly number[],
): string[] {
  expect(truth).toHaveLength(sample.length);
  return sample.flatMap(([a, b], i) => {
    const order = Math.sign(compare(a, b));
    return order === truth[i] ? [] : [`${a} ${b}: ${order}, expected ${truth[i]}`];
  });
}

describe('the order of dpkg', () => {
  const pieces = ['0', '1', '2', '10', '01', '.', '.', '~', '+', 'a', 'b', 'Z', 'rc', '~~', '-', '.0'];
  // dpkg takes no version that does not begin with a digit, or that ends with a dash.
  const version = versions(pieces, ['1', '2', '0', '~', '+deb12u1', '.', 'ubuntu', 'a']).map((text) =>
    text.replace(/^(\d+:)?/, '$&1').replace(/-+$/, ''),
  );

  test('agrees with dpkg --compare-versions', () => {
    const sample = pairs(version, ['0', '1', '~', '+', 'a', '.'], 1500);
    expect(disagreements(sample, compareDpkg, askDpkg(sample))).toEqual([]);
  });

  test('agrees with it on the cases that policy names', () => {
    const named: Pair[] = [
      ['1.0~~', '1.0~~a'],
      ['1.0~~a', '1.0~'],
      ['1.0~', '1.0'],
      ['1.0', '1.0a'],
      ['1.0', '1.0-0'],
      ['1:0.4', '10.3'],
      ['1.2.3', '1.2-3'],
      ['0:1', '1'],
      ['1.10', '1.9'],
      ['1.0+b1', '1.0'],
      ['1.a', '1.+'],
      ['99999999999999999999', '100000000000000000000'],
    ];
    expect(disagreements(named, compareDpkg, askDpkg(named))).toEqual([]);
  });
});

/** One dpkg for each comparison would take minutes: dpkg's own code, called from its shell loop, takes seconds. */
function askDpkg(sample: readonly Pair[]): number[] {
  const script =
    'while IFS=" " read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo -1; elif dpkg --compare-versions "$a" eq "$b"; then echo 0; else echo 1; fi; done';
  const input = sample.map((pair) => `${pair.join(' ')}\n`).join('');
  return execFileSync('sh', ['-c', script], { input, encoding: 'utf8' }).trim().split('\n').map(Number);
}

describe('the order of rpm', () => {
  const pieces = ['0', '1', '2', '10', '01', '.', '.', '~', '^', '+', 'a', 'b', 'Z', 'rc', '_', '~^', '^git', '..'];
  const version = versions(pieces, ['1', '2', '0', '~', '^', '.el9', '.', 'a']);

  test('agrees with rpm.vercmp', () => {
    const sample = pairs(version, ['0', '1', '~', '^', 'a', '.'], 5000);
    expect(disagreements(sample, compareRpm, askRpm(sample))).toEqual([]);
  });

  test('agrees with it on the cases that its manual names', () => {
    const named: Pair[] = [
      ['1.0', '1.0'],
      ['1.0~rc1', '1.0'],
      ['1.0^git1', '1.0'],
      ['1.0^git1', '1.01'],
      ['1.0^20160101', '1.0.1'],
      ['1.0~rc1^git1', '1.0~rc1'],
      ['1.0^git1~pre', '1.0^git1'],
      ['2.0', '2.0-1'],
      ['1:1.0', '2.0'],
      ['a', '1'],
      ['10xyz', '10.1xyz'],
      ['xyz10', 'xyz10.1'],
    ];
    expect(disagreements(named, compareRpm, askRpm(named))).toEqual([]);
  });
});

function askRpm(sample: readonly Pair[]): number[] {
  const answers: number[] = [];
  for (let at = 0; at < sample.length; at += 1000) {
    const quoted = sample.slice(at, at + 1000).map(([a, b]) => `{'${a}','${b}'}`);
    const script = `%{lua:for _, p in ipairs({${quoted.join(',')}}) do print(rpm.vercmp(p[1], p[2]) .. "\\n") end}`;
    answers.push(...ask('rpm', ['--eval', script]).trim().split(/\s+/).map(Number));
  }
  return answers;
}

function ask(program: string, words: readonly string[]): string {
  try {
    return execFileSync(program, words, { encoding: 'utf8' });
  } catch (cause) {
    throw new Error(`this test compares with ${program}: install the Debian package ${program}`, { cause });
  }
}

test('each operation follows the order', () => {
  const orders: readonly (readonly [string, readonly string[]])[] = [
    ['1.0', ['<', '<=']],
    ['1.1', ['<=', '=', '>=']],
    ['1.2', ['>=', '>']],
  ];
  for (const [version, expected] of orders) {
    expect(operations.filter((operation) => judgeVersion(version, operation, '1.1', 'dpkg'))).toEqual(expected);
  }
});

test('dpkg and rpm differ where their rules do', () => {
  expect(judgeVersion('1.0', '=', '1.0-0', 'dpkg')).toBe(true);
  expect(judgeVersion('1.0', '=', '1.0-0', 'rpm')).toBe(false);
  expect(judgeVersion('1.0a', '>', '1.0.1', 'dpkg')).toBe(false);
});
