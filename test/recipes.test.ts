/** Every command of docs/recipes.md is one, as bash reads it; those that can be compared find what other tools find. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { available } from '@mig/modules';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../packages/client/src/commands/list.ts';
import { splitWords } from '../packages/client/src/commands/module-words.ts';
import { readFlags } from '../packages/client/src/commands/read-flags.ts';
import { root, run } from './processes.ts';

interface Recipe {
  readonly question: string;
  readonly line: string;
}

const page = readFileSync(join(root, 'docs/recipes.md'), 'utf8');
const recipes = readRecipes();

function readRecipes(): Recipe[] {
  let question = '';
  return page.split('\n').flatMap((line) => {
    if (line.startsWith('# ')) question = line.slice(2);
    return line.startsWith('mig ') ? [{ question, line }] : [];
  });
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-recipes-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What follows `mig`, as bash hands it over. */
function wordsOf(line: string): string[] {
  const script = `mig() { printf '%s\\0' "$@" >&3; }\n${line}`;
  const { output, stderr } = spawnSync('bash', ['-c', script], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  expect(stderr.toString()).toBe('');
  return output[3]!.toString().split('\0').slice(0, -1);
}

test('the page answers as many questions as a reader expects of it', () => {
  expect(recipes.length).toBeGreaterThan(35);
});

test.each(recipes)('$question', ({ line }) => {
  const [name, ...words] = wordsOf(line).map((word) => (word === 'ID' ? '7f3a91c2' : word));
  const module = available.find(name!);
  if (module === undefined || !words.includes('-t')) {
    expect(commands.flatMap(({ names }) => names)).toContain(name);
    return;
  }
  const { flags } = splitWords(module, words);
  const remarks: string[] = [];
  const readText = () => 'rule one { condition: true }';
  expect(readFlags(module, flags, readText, (remark) => void remarks.push(remark))).toBeTypeOf('object');
  expect(remarks).toEqual([]);
});

/** Asks this machine with the recipe for `question`, with other words in place of some; gives the printed lines. */
async function answers(question: RegExp, places: Readonly<Record<string, string>>): Promise<string[]> {
  const fitting = recipes.filter((recipe) => question.test(recipe.question));
  expect(fitting).toHaveLength(1);
  const words = wordsOf(fitting[0]!.line);
  for (const word of Object.keys(places)) expect(words).toContain(word);
  const local: Readonly<Record<string, string>> = { online: 'local', ...places };
  const { stdout, stderr, status } = await run(
    'mig',
    words.map((word) => local[word] ?? word),
  );
  expect([status, stderr]).toEqual([0, expect.stringContaining('1 succeeded')]);
  return stdout.split('\n').filter((line) => line !== '');
}

/** The paths in answers of the file module, sorted. */
function pathsIn(lines: readonly string[]): string[] {
  return lines.map((line) => line.split(' ')[1]!).sort();
}

function shell(script: string): string[] {
  return execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' }).split('\n').filter(Boolean).sort();
}

function write(name: string, text: string, mode = 0o644): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('a recipe finds what other tools find', () => {
  test('a hash, and one of several', async () => {
    const text = 'not ELF, but evil';
    const evil = write('hash/evil', text);
    write('hash/sam', 'not ELF, nor evil');
    write('hash/other', 'x');
    const sha256 = execFileSync('sha256sum', [evil], { encoding: 'utf8' }).slice(0, 64);
    const [one] = wordsOf(recipes[0]!.line).filter((word) => word.length === 64);
    const given = { '/': join(folder, 'hash'), '151344': String(text.length), [one!]: sha256 };
    expect(pathsIn(await answers(/^Is this file anywhere/, given))).toEqual([evil]);
    const md5 = createHash('md5').update('x').digest('hex');
    const several = {
      '/usr': join(folder, 'hash'),
      '/opt': join(folder, 'hash'),
      '/tmp': join(folder, 'hash'),
      [one!]: sha256,
      '0123456789abcdef0123456789abcdef': md5,
    };
    expect(pathsIn(await answers(/any of these/, several))).toEqual([evil, join(folder, 'hash/other')]);
  });

  test('what changed, in units and cron jobs too', async () => {
    const recent = write('etc/recent', 'x');
    const old = write('etc/old', 'x');
    const days = (count: number) => Date.now() / 1000 - count * 86_400;
    utimesSync(recent, days(2), days(2));
    utimesSync(old, days(8), days(8));
    const etc = join(folder, 'etc');
    expect(pathsIn(await answers(/^What changed under/, { '/etc': etc }))).toEqual(
      shell(`find ${etc} -type f -mmin -3600`),
    );
    const units = await answers(/^Which systemd units/, { '/etc/systemd': etc });
    expect(pathsIn(units).filter((path) => path.startsWith(etc))).toEqual([recent]);
  });

  test('what can be run, web shells, users with number 0, names in the hosts file', async () => {
    const tmp = join(folder, 'tmp');
    write('tmp/run', '', 0o755);
    write('tmp/read-only', '', 0o555);
    write('tmp/setuid', '', 0o4711);
    write('tmp/plain', '');
    const runnable = await answers(/^What can be run/, { '/tmp': tmp, '/var/tmp': tmp, '/dev/shm': tmp });
    expect(pathsIn(runnable)).toEqual(shell(`find ${tmp} -type f -perm -100`));

    write('www/a.php', '<?php eval(base64_decode($x));');
    write('www/b.php', '<?php assert ( $_POST["c"] );');
    write('www/c.php', '<?php echo base64_decode($x);');
    write('www/d.txt', 'eval($_GET[1])');
    const shells = await answers(/web shell/, { '/var/www': join(folder, 'www') });
    expect(pathsIn(shells)).toEqual(['a.php', 'b.php'].map((name) => join(folder, 'www', name)));

    for (const [name, line] of Object.entries({
      root: 'root:x:0:0:',
      toor: 'toor:x:0:0:',
      r: 'r:x:0:0:',
      rooter: 'rooter:x:0:0:',
      dana: 'dana:x:1000:0:',
      zero: 'a:b:00:0:',
    })) {
      write(`users/${name}`, `${line}/:/bin/sh\n`);
    }
    const zeros = await answers(/user number 0/, { '/etc/passwd': join(folder, 'users') });
    expect(pathsIn(zeros)).toEqual(
      shell(
        `cd users && for f in *; do awk -F: '$3 + 0 == 0 && $1 != "root" { print FILENAME }' $f; done | sed "s#^#$PWD/#"`,
      ),
    );

    const hosts = write('hosts', '127.0.0.1 localhost\n192.0.2.7 c2.example.net\n');
    const similar = write('similar', '127.0.0.1 c2xexample.net\n');
    expect(pathsIn(await answers(/hosts file/, { '/etc/hosts': hosts, '/etc/resolv.conf': similar }))).toEqual([hosts]);
  });

  test('a domain in memory, as text and as DNS writes it', async () => {
    const pattern = wordsOf(recipes.find(({ question }) => /cache of its resolver/.test(question))!.line).at(-1)!;
    const names = ['c2.example.net', '\x02c2\x07example\x03net\0', 'c3.example.net'];
    for (const [i, name] of names.entries()) write(`cache/${i}`, `bytes\0${name} more`);
    const words = ['file', '-t', 'local', '-path', join(folder, 'cache'), '-content', pattern];
    expect(pathsIn((await run('mig', words)).stdout.trim().split('\n'))).toEqual(
      [0, 1].map((i) => join(folder, `cache/${i}`)),
    );
  });

  test('a port that something listens on, and a command line', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await answers(/^Who listens on this port/, { '4444': String(port) })).toEqual([
      expect.stringMatching(`found listeningport ${port}: 127.0.0.1:${port}, by .* \\(pid ${process.pid}\\)$`),
    ]);
    server.close();
    const child = spawn('sleep', ['77.0625']);
    const lines = await answers(/^Whose command line/, { 'stratum\\+tcp://': '^sleep 77\\.0625$' });
    expect(lines).toEqual([expect.stringContaining(`[pid:${child.pid},`)]);
    child.kill();
  });

  test('a package that is older', async () => {
    const version = execFileSync('dpkg-query', ['-W', '-f', `\${Version}`, 'bash'], { encoding: 'utf8' });
    const older = (limit: string) => answers(/older than the one/, { '^openssl$': '^bash$', '3.0.15': limit });
    expect([await older(version), await older(`${version}.1`)]).toEqual([
      [],
      [expect.stringContaining(`bash ${version} `)],
    ]);
  });
});
