/** A stop message ends every module within a second, in the middle of long, real work: `mig-agent -m` as an agent runs it. */
import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPersistent, stopNotice } from '@mig/module';
import { available } from '@mig/modules';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended, start } from '../processes.ts';

/** Work that takes a minute or more. */
interface Work {
  readonly parameters: unknown;
  /** Resolves once it is under way. Default: once the process has computed for a while. */
  readonly isUnderWay?: Promise<unknown>;
  readonly message?: object;
  finish?(): void;
}

let folder = '';
/** A file of 64 GB that takes no room. */
let large = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-stop-'));
  large = join(folder, 'large');
  writeFileSync(large, '');
  truncateSync(large, 64 * 2 ** 30);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Ten thousand patterns that match nothing. */
const patterns = Array.from({ length: 10_000 }, (_, i) => `^no${i}[a-z]+such$`);
const morePatterns = Array.from({ length: 30_000 }, (_, i) => `^no${i}[a-z]+such$`);

/** A UDP socket that answers nothing; resolves `asked` at the first question. */
async function silence() {
  const socket = createSocket('udp4');
  const asked = once(socket, 'message');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, asked, finish: () => void socket.close() };
}

/** A process of the program `sleep`, made 64 GB long. */
function longProgram(): () => void {
  const path = join(folder, 'long-program');
  copyFileSync('/bin/sleep', path);
  truncateSync(path, 64 * 2 ** 30);
  const child = spawn(path, ['600'], { stdio: 'ignore' });
  return () => void child.kill('SIGKILL');
}

/** An agent that does not say its version. */
async function muteAgent(): Promise<Work> {
  const script = join(folder, 'mig-agent.cjs');
  const asked = join(folder, 'asked');
  execFileSync('mkfifo', [asked]);
  writeFileSync(
    script,
    `if (process.argv[2] === '-V') require('fs').writeFileSync(${JSON.stringify(asked)}, 'x'); else console.log('up'); setInterval(() => {}, 1000);\n`,
  );
  chmodSync(folder, 0o755);
  chmodSync(asked, 0o666);
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const reader = spawn('cat', [asked], { stdio: ['ignore', 'pipe', 'ignore'] });
  return {
    parameters: { pid: child.pid, version: '1.0.0' },
    isUnderWay: once(reader.stdout, 'data'),
    finish: () => void child.kill('SIGKILL'),
  };
}

/** An instance of a module that stays, which takes questions and answers none. */
async function muteInstance(name: string): Promise<Work> {
  const persistsock = join(folder, `${name}.sock`);
  const server = createServer();
  const isUnderWay = once(server, 'connection').then(([socket]) => once(socket, 'data'));
  server.listen(persistsock);
  await once(server, 'listening');
  return {
    parameters: name === 'examplepersist' ? { string: 'x' } : {},
    message: { persistsock },
    isUnderWay,
    finish: () => void server.close(),
  };
}

const scribedoc = {
  variables: [],
  objects: [{ object: 'o', filecontent: { path: '', file: '^large$', expression: 'no such (.*) line' } }],
  tests: [{ test: 't', object: 'o', regexp: { value: 'x' } }],
};

const works: Readonly<Record<string, () => Promise<Work>>> = {
  agentdestroy: muteAgent,
  example: async () => ({ parameters: { lookuphost: Array.from({ length: 300_000 }, () => 'localhost') } }),
  file: async () => ({ parameters: { searches: { s1: { paths: [large], contents: ['no such .* line'] } } } }),
  'file by many names': async () => ({ parameters: { searches: { s1: { paths: ['/'], names: patterns } } } }),
  'file by many contents': async () => ({
    parameters: { searches: { s1: { paths: ['/usr'], contents: patterns.slice(0, 3000) } } },
  }),
  memory: async () => ({ parameters: { searches: { s1: { contents: ['(?s)q.{900}z'] } } } }),
  'memory by many names': async () => ({ parameters: { searches: { s1: { names: patterns } } } }),
  netstat: async () => ({ parameters: { localmac: morePatterns, namespaces: true } }),
  ping: async () => {
    const { port, asked, finish } = await silence();
    const parameters = { destination: '127.0.0.1', protocol: 'udp', destinationport: port, count: 100, timeout: 60 };
    return { parameters, isUnderWay: asked, finish };
  },
  pkg: async () => ({ parameters: { pkgmatch: { matches: morePatterns } } }),
  process: async () => {
    const finish = longProgram();
    return {
      parameters: {
        searches: { s1: { names: ['^long-program$'], sha256: ['0'.repeat(64)], options: { matchall: true } } },
      },
      finish,
    };
  },
  scribe: async () => {
    const [object] = scribedoc.objects;
    const objects = [{ ...object, filecontent: { ...object!.filecontent, path: large } }];
    return { parameters: { scribedoc: { ...scribedoc, objects } } };
  },
  sshkey: async () => ({ parameters: { paths: ['/'], maxdepth: 0 } }),
  timedrift: async () => {
    const { port, asked, finish } = await silence();
    const servers = Array.from({ length: 100 }, (_, i) => `127.0.${i}.1:${port}`);
    return { parameters: { drift: '1s', servers: [`127.0.0.1:${port}`, ...servers] }, isUnderWay: asked, finish };
  },
  yara: async () => ({
    parameters: {
      yara: 'rule nothing { strings: $a = /no such [a-z]{8,} text/ condition: $a }',
      filesearch: '-path /usr -size <10m',
    },
  }),
  ...Object.fromEntries(available.modules.filter(isPersistent).map(({ name }) => [name, () => muteInstance(name)])),
};

/** Clock ticks of processor time of a process so far (proc(5)); undefined when it has ended. 100 are a second. */
function ticksOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return undefined;
  }
}

/** Resolves once `child` has computed for `ticks`: half a second is more than its start and its validation take. */
async function hasComputed(child: ChildProcess, ticks: number): Promise<void> {
  while ((ticksOf(child.pid!) ?? Number.POSITIVE_INFINITY) < ticks)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

test('every module has its work here', () => {
  const modules = new Set(Object.keys(works).map((name) => name.split(' ')[0]!));
  const what = 'each module has an entry in `works` of this file: a run that takes a minute, to be stopped';
  expect([...modules].sort(), what).toEqual(available.modules.map(({ name }) => name).sort());
});

test.each(Object.keys(works))('%s', async (name) => {
  const { parameters, message = {}, isUnderWay, finish } = await works[name]!();
  const child = start('mig-agent', ['-m', name.split(' ')[0]!]);
  const end = ended(child);
  child.stdin?.write(`${JSON.stringify({ class: 'parameters', parameters, ...message })}\n`);
  await Promise.race([isUnderWay ?? hasComputed(child, 50), end]);
  const before = ticksOf(child.pid!);
  const stopped = performance.now();
  let after = before;
  const watch = setInterval(() => {
    after = ticksOf(child.pid!) ?? after;
  }, 5);
  child.stdin?.write('{"class":"stop"}\n');
  const { stdout, status } = await end;
  const tookMs = performance.now() - stopped;
  clearInterval(watch);
  finish?.();
  expect(JSON.parse(stdout)).toEqual({
    foundanything: false,
    success: false,
    elements: null,
    statistics: null,
    errors: [stopNotice],
  });
  expect(status).toBe(1);
  // Not the clock, since machines are busy: what it computed from the stop on, in hundredths of a second.
  expect(after! - before!).toBeLessThan(100);
  // What waits does not compute: a bound that no machine is too busy for.
  expect(tookMs).toBeLessThan(20_000);
});
