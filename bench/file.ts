/**
 * `npm run bench -- file`: the file module, as the agent runs it, beside find, fd, grep, rg, sha256sum and openssl.
 * Whole processes, warm cache, interleaved; nothing is found, so that everybody must look at everything.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostBundleIn, hostEnvironment, hostFlags, permissionFlags } from '@mig/module/runner';
import { file } from '../packages/modules/src/file/file.ts';
import { median, rounds } from './rounds.ts';
import { type Contestant, peakMemoryMb, raceProcesses } from './side-by-side.ts';

/** A question to all; the module is asked with `search`. */
interface Task {
  readonly title: string;
  readonly search: object;
  readonly others: readonly (readonly [string, ...string[]])[];
  /** Most of the time of another that the module may take, by the other's name. */
  readonly must: Readonly<Record<string, number>>;
}

const corpus = join(import.meta.dirname, 'corpus');
const bigFile = join(corpus, 'random-500m.bin');
const fd = ['fdfind', 'fd'].find((name) => spawnSync(name, ['--version']).status === 0) ?? 'fdfind';
const words =
  'nosuchsecret hiddenbackdoor reverseshell meterpreter mimikatzz cobaltstrike keyloggerz exfiltratez botmasterz cryptolockerz'.split(
    ' ',
  );

const name = (one: string) => (one === fd ? 'fd' : one);

/** The searches of contents: rg gets the same patterns, and grep where there is a bound to hold against it. */
function content(title: string, patterns: readonly string[], must: Readonly<Record<string, number>>): Task {
  const expressions = patterns.flatMap((pattern) => ['-e', pattern]);
  const grepExpressions = patterns.flatMap((pattern) => ['-e', pattern.replace('(?i)', '')]);
  const ignoreCase = patterns[0]!.startsWith('(?i)') ? ['-i'] : [];
  return {
    title,
    search: { paths: ['/usr/share'], contents: patterns, options: { matchall: patterns.length === 1 } },
    others: [
      ['rg', '--no-config', '-uuu', '-a', '-l', ...expressions, '/usr/share'],
      ...('grep' in must ? [['grep', '-rlEa', ...ignoreCase, ...grepExpressions, '/usr/share'] as const] : []),
    ],
    must,
  };
}

const tasks: readonly Task[] = [
  {
    title: 'start, one empty directory',
    search: { paths: [join(corpus, 'empty')], names: ['x'], options: { matchall: true } },
    others: [['node', '-e', '0']],
    must: {},
  },
  {
    title: 'walk /usr, by name',
    search: { paths: ['/usr'], names: ['\\.nosuchname$'], options: { matchall: true } },
    others: [
      ['find', '/usr', '-name', '*.nosuchname'],
      [fd, '-u', '\\.nosuchname$', '/usr'],
    ],
    must: { find: 0.75, fd: 1.5 },
  },
  {
    title: 'walk /usr, by size',
    search: { paths: ['/usr'], sizes: ['>10g'], options: { matchall: true } },
    others: [
      ['find', '/usr', '-type', 'f', '-size', '+10G'],
      [fd, '-u', '-t', 'f', '-S', '+10Gi', '.', '/usr'],
    ],
    must: { find: 0.9, fd: 1.1 },
  },
  content('content, with a literal', ['mysql://[a-z]+:nosuch'], { rg: 1.25, grep: 0.6 }),
  content('content, any case', ['(?i)nosuchpassword'], { rg: 1.25, grep: 0.6 }),
  content('content, anchored', ['^root:nosuch'], { rg: 1.25, grep: 0.6 }),
  content('content, no literal', ['[0-9]{4}[a-z]{4}[0-9]{4}[A-Z]Q'], { rg: 1.9, grep: 0.85 }),
  content('content, addresses', ['[0-9]{1,3}(\\.[0-9]{1,3}){3}:[0-9]{6}'], { rg: 1.9, grep: 0.85 }),
  content('content, long runs', ['[A-Za-z0-9+/]{5000,}'], { rg: 0.6 }),
  content(
    'content, ten patterns',
    words.map((word) => `${word}[a-z0-9]*=`),
    { rg: 1.5 },
  ),
  {
    title: 'sha256 of a tree',
    search: { paths: ['/usr/share'], sha2: ['0'.repeat(64)], options: { matchall: true } },
    others: [
      ['sh', '-c', 'find /usr/share -type f -print0 | xargs -0 openssl dgst -sha256', 'xargs openssl'],
      ['sh', '-c', 'find /usr/share -type f -print0 | xargs -0 -P2 -n 500 sha256sum', 'xargs -P2 sha256sum'],
    ],
    must: { 'xargs openssl': 0.6, 'xargs -P2 sha256sum': 0.5 },
  },
  {
    title: 'sha256 of one 500 MB file',
    search: { paths: [bigFile], sha2: ['0'.repeat(64)], options: { matchall: true } },
    others: [['openssl', 'dgst', '-sha256', bigFile]],
    must: { openssl: 1.15 },
  },
];

/**
 * Runs the tasks whose title holds BENCH_ONLY, with the bundle in `directory`. A ratio is the median of the ratios of the
 * rounds: what disturbs a round disturbs both sides of it.
 */
export async function benchFile(directory = join(import.meta.dirname, '../packages/agent/dist')): Promise<void> {
  const only = process.env['BENCH_ONLY'] ?? '';
  makeCorpus();
  process.stdout.write('| task | mig ms | others, ms | ratios (must be at most) | peak MB |\n|---|---|---|---|---|\n');
  for (const task of tasks.filter(({ title }) => title.includes(only))) {
    const ours = ourContestant(task, directory);
    const others = task.others.map(([command, ...args]): Contestant => {
      return { name: command === 'sh' ? args[2]! : name(command), command, args };
    });
    const times = raceProcesses([ours, ...others], rounds(7));
    const mine = times.get('mig')!;
    const peak = await peakMemoryMb(ours);
    const theirs = others.map((one) => `${one.name} ${median(times.get(one.name)!).toFixed(0)}`).join(', ');
    const ratios = others
      .map(({ name }) => ratio(name, median(mine.map((took, i) => took / times.get(name)![i]!)), task.must[name]))
      .join(', ');
    process.stdout.write(
      `| ${task.title} | ${median(mine).toFixed(0)} | ${theirs} | ${ratios} | ${peak.toFixed(0)} |\n`,
    );
  }
}

function ratio(other: string, value: number, most: number | undefined): string {
  const bound = most === undefined ? '' : ` (${most}${value > most ? ', **missed**' : ''})`;
  return `${value.toFixed(2)} × ${other}${bound}`;
}

/** The module's process, as the agent starts it. */
function ourContestant({ title, search }: Task, directory: string): Contestant {
  const host = hostBundleIn(directory);
  const flags = hostFlags(permissionFlags(file), host);
  const input = join(corpus, `${title.replaceAll(/\W+/g, '-')}.json`);
  writeFileSync(input, `${JSON.stringify({ class: 'parameters', parameters: { searches: { bench: search } } })}\n`);
  return {
    name: 'mig',
    command: process.execPath,
    args: [...flags, host.script, '-m', 'file'],
    input,
    env: hostEnvironment(),
  };
}

function makeCorpus(): void {
  mkdirSync(join(corpus, 'empty'), { recursive: true });
  const megabyte = 1024 * 1024;
  if (existsSync(bigFile) && statSync(bigFile).size === 500 * megabyte) return;
  rmSync(bigFile, { force: true });
  for (let i = 0; i < 500; i++) writeFileSync(bigFile, randomBytes(megabyte), { flag: 'a' });
}
