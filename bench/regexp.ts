/**
 * `npm run bench -- regexp`: MB/s of the regexp package over a file that no pattern matches, read in pieces by one
 * thread, beside `rg` on the same file in the same run. Above 1, the ratio says how much faster this is than rg.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { compile, compileSet } from '@mig/regexp';
import { corpusWithout } from './regexp-corpus.ts';
import { median, rounds } from './rounds.ts';

const words =
  'nosuchsecret hiddenbackdoor reverseshell meterpreter mimikatz cobaltstrike keylogger exfiltrate botmaster cryptolocker'.split(
    ' ',
  );

/** Patterns of an investigation, by what makes them fast or slow. */
const questions: readonly (readonly [string, readonly string[]])[] = [
  ['literal', ['mysql://[a-z]+:']],
  ['literal, long', ['-----BEGIN RSA PRIVATE KEY-----']],
  ['alternation', ['AKIA[0-9A-Z]{16}|xoxb-[0-9]{11}|ghp_[0-9A-Za-z]{36}']],
  ['word, any case', ['(?i)password=']],
  ['word, any case, bounded', ['(?i)\\bbackdoors?\\b']],
  ['anchored line', ['^root:[^:]*:0:']],
  ['anchored, then a word', ['^[a-z]*pass(word|wd)[ \\t]*=']],
  ['IP address', ['[0-9]{1,3}(\\.[0-9]{1,3}){3}:[0-9]+']],
  ['e-mail address', ['[a-z0-9._]+@[a-z0-9.]+\\.(ru|cn|kp)\\b']],
  ['base64 run', ['[A-Za-z0-9+/]{200,}']],
  ['hexadecimal run', ['\\b[0-9a-f]{32}\\b.*[0-9a-f]{32}']],
  ['no literal', ['[0-9]{4}[a-z]{4}[0-9]{4}[A-Z]']],
  ['no literal, words', ['[A-Z][a-z]+ [A-Z][a-z]+ [A-Z][a-z]+ [A-Z][a-z]+ [A-Z][a-z]+ [A-Z][a-z]+ [0-9]']],
  ['two words in order', ['user.*=.*admin.*;']],
  ['ten patterns', words.map((word) => `${word}[a-z0-9]*=`)],
  ['ten patterns, any case', words.map((word) => `(?i)${word}`)],
  [
    'ten patterns, few literals',
    [
      '[0-9a-f]{64}',
      'eval\\(.*base64',
      '^[^#]*NOPASSWD',
      'wget .*\\| *sh',
      'AKIA[0-9A-Z]{16}',
      '(?i)begin .*private key',
      '/dev/tcp/[0-9.]+/',
      'chmod \\+s',
      'nc -[a-z]*e',
      'python.* -c .*socket',
    ],
  ],
  [
    'a hundred patterns',
    words.flatMap((word) => Array.from({ length: 10 }, (_, i) => `${word.slice(i % 5)}${i}[a-z]`)),
  ],
];

export function benchRegexp(): void {
  const only = process.env['BENCH_ONLY'];
  const corpus = corpusWithout(questions.flatMap(([, patterns]) => patterns));
  const megabytes = statSync(corpus).size / 1e6;
  print('', ['MB/s', 'rg', 'ratio', 'made ms'], '');
  print('reading alone', [mbPerSecond(megabytes, () => read(corpus)), '', '', ''], '');
  printSmall();
  printCompileTimes();
  for (const [title, patterns] of questions) {
    if (only !== undefined && !title.includes(only)) continue;
    let made = Infinity;
    let scan = compileSet(patterns).scan();
    for (let i = 0; i < 3; i++) {
      const began = performance.now();
      scan = compileSet(patterns).scan();
      made = Math.min(made, performance.now() - began);
    }
    const ours = mbPerSecond(megabytes, () => search(corpus, scan));
    const theirs = mbPerSecond(megabytes, () => ripgrep(corpus, patterns));
    print(title, [ours, theirs, ours / theirs, made.toFixed(1)], patterns.length === 1 ? patterns[0]! : '');
  }
}

/** What a file costs besides its bytes, and a name. */
function printSmall(): void {
  const scan = compileSet(['mysql://[a-z]+:', '[0-9]{4}[a-z]{4}[0-9]{4}[A-Z]']).scan();
  const file = Buffer.from('a line of a small file, with nothing in it\n'.repeat(93));
  const fileNs = nanoseconds(20_000, () => {
    scan.reset();
    scan.room().set(file);
    if (!scan.advance(file.length)) scan.end();
  });
  const regexp = compile('^(lib|ld-).*\\.so(\\.[0-9]+)*$');
  const nameNs = nanoseconds(2_000_000, () => regexp.test('libcrypto.so.3.backup'));
  process.stdout.write(`a file of 4 KiB: ${fileNs.toFixed(0)} ns; a name of 21 characters: ${nameNs.toFixed(0)} ns\n`);
}

/** How long patterns take to compile, each by itself: the least of three, since what disturbs it only makes it slower. */
function printCompileTimes(): void {
  const times = questions
    .flatMap(([, patterns]) => patterns)
    .map((pattern) => ({ pattern, ms: Math.min(...[1, 2, 3].map(() => elapsed(() => compileSet([pattern]).scan()))) }))
    .sort((a, b) => a.ms - b.ms);
  const slowest = times.at(-1)!;
  process.stdout.write(
    `compiling one of ${times.length} patterns: ${median(times.map(({ ms }) => ms)).toFixed(2)} ms in the median, at most ${slowest.ms.toFixed(2)} ms (${slowest.pattern})\n`,
  );
}

function elapsed(run: () => unknown): number {
  const began = performance.now();
  run();
  return performance.now() - began;
}

function nanoseconds(times: number, run: () => void): number {
  const began = performance.now();
  for (let i = 0; i < times; i++) run();
  return ((performance.now() - began) * 1e6) / times;
}

/** The best of some: what disturbs a run only ever makes it slower. */
function mbPerSecond(megabytes: number, run: () => void): number {
  let best = Infinity;
  for (let i = rounds(5); i > 0; i--) {
    const began = performance.now();
    run();
    best = Math.min(best, performance.now() - began);
  }
  return (megabytes * 1000) / best;
}

function read(path: string): void {
  const room = new Uint8Array(131_072);
  const fd = openSync(path, 'r');
  while (readSync(fd, room) > 0);
  closeSync(fd);
}

function search(path: string, scan: ReturnType<ReturnType<typeof compileSet>['scan']>): void {
  scan.reset();
  const fd = openSync(path, 'r');
  for (let room = scan.room(); ; room = scan.room()) {
    const count = readSync(fd, room);
    if (count === 0) break;
    scan.advance(count);
  }
  scan.end();
  closeSync(fd);
  if (scan.matched.includes(1)) throw new Error('found what rg did not');
}

/** Counts matching lines, of which there are none: rg reads to the end as well. Its words are ASCII, as ours are.  */
function ripgrep(path: string, patterns: readonly string[]): void {
  const args = ['-a', '-c', '--no-config', '--no-unicode', ...patterns.flatMap((pattern) => ['-e', pattern]), path];
  try {
    execFileSync('rg', args, { stdio: 'ignore', timeout: 60_000 });
  } catch (error) {
    if ((error as { status?: number }).status !== 1) throw error;
  }
}

function print(title: string, cells: readonly (number | string)[], note: string): void {
  const shown = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(cell < 50 ? 2 : 0) : cell).padStart(8));
  process.stdout.write(`${title.padEnd(28)}${shown.join('')}  ${note}\n`);
}
