/** Finds out whether a process is an agent of the version named, and ends it. Every doubt is a refusal. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { durationSince, type Findings, type RunContext } from '@mig/module';
import { parseStat } from '../process/proc-process.ts';
import type { Parameters } from './agentdestroy.ts';

/** The script that is an agent: the bundle, or the launcher beside it, by its name. */
const agentScripts: readonly string[] = ['mig-agent.cjs', 'mig-agent'];

const patienceMs = 10_000;

export async function destroyAgent(
  { parameters, signal }: RunContext<Parameters>,
  proc = '/proc',
): Promise<Findings<string, { exectime: string }>> {
  const started = performance.now();
  const { pid, version } = parameters;
  if (ancestors(proc, process.pid).includes(pid)) {
    throw new Error(`parameter 'pid': ${pid} is the agent that runs this module, or a parent of it: name another one`);
  }
  const before = identify(proc, pid);
  const found = await askVersion(before, signal);
  if (found !== version)
    throw new Error(`parameter 'version': process ${pid} is an agent of version ${found}, not ${version}`);
  const now = identify(proc, pid);
  if (now.startTicks !== before.startTicks || now.script !== before.script) {
    throw new Error(
      `process ${pid} ended while it was looked at, and its number went to another one: nothing was done`,
    );
  }
  process.kill(pid, 'SIGKILL');
  const removed = removeExecutable(now.script);
  const exectime = durationSince(started);
  const what =
    removed === 'shared' ? 'kept its executable, which the agent asked runs as well' : `removed ${removed.join(', ')}`;
  const sentence = `killed agent ${version} (pid ${pid}) and ${what}`;
  return { foundanything: true, elements: sentence, statistics: { exectime } };
}

interface Agent {
  readonly pid: number;
  /** The runtime that it runs on; shared with others, and never removed. */
  readonly runtime: string;
  readonly script: string;
  readonly startTicks: number;
  /** Whose it is: what it runs is asked with no more rights than it has already. */
  readonly uid: number;
  readonly gid: number;
}

/** The process and all that started it: none of them may be ended. */
function ancestors(proc: string, pid: number): number[] {
  const chain: number[] = [];
  for (let current = pid; current > 0 && !chain.includes(current); ) {
    chain.push(current);
    try {
      current = parseStat(readFileSync(`${proc}/${current}/stat`))?.ppid ?? 0;
    } catch {
      break;
    }
  }
  return chain;
}

/** Reads what process `pid` is. Throws when there is none, or when it is not an agent. */
function identify(proc: string, pid: number): Agent {
  let runtime: string;
  let words: string[];
  let startTicks: number | undefined;
  let cwd: string;
  try {
    runtime = readlinkSync(`${proc}/${pid}/exe`);
    cwd = readlinkSync(`${proc}/${pid}/cwd`);
    words = readFileSync(`${proc}/${pid}/cmdline`, 'utf8').split('\0');
    startTicks = parseStat(readFileSync(`${proc}/${pid}/stat`))?.startTicks;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH')
      throw new Error(`parameter 'pid': there is no process ${pid}`, { cause: error });
    throw new Error(`process ${pid} may not be looked into (${code}): run the agent as root`, { cause: error });
  }
  const [script = '', ...own] = words.slice(scriptIndex(words));
  const isRuntime = /^node(js)?(-?\d.*)?$/.test(basename(runtime));
  if (!agentScripts.includes(basename(script)) || !isRuntime || startTicks === undefined) {
    throw new Error(`parameter 'pid': process ${pid} (${runtime}) is not an agent: nothing was done`);
  }
  if (own.some((word) => word === '-m' || word === '-P')) {
    throw new Error(`parameter 'pid': process ${pid} runs a module for an agent, and is none: name its parent`);
  }
  return { pid, runtime, script: bundleOf(resolve(cwd, script)), startTicks, ...ownerOf(proc, pid) };
}

/** Where the script stands in the command line of Node: after its options, of which one takes a word of its own. */
function scriptIndex(words: readonly string[]): number {
  let at = 1;
  while (words[at]?.startsWith('-')) at += words[at] === '--snapshot-blob' ? 2 : 1;
  return at;
}

function ownerOf(proc: string, pid: number): { uid: number; gid: number } {
  const { uid, gid } = statSync(`${proc}/${pid}`);
  return { uid, gid };
}

/** The bundle that a script is or leads to. */
function bundleOf(script: string): string {
  try {
    return realpathSync(script);
  } catch (error) {
    throw new Error(`${script}: the executable of the agent is gone already, end its process by other means`, {
      cause: error,
    });
  }
}

/**
 * Has the executable itself say which version it is, as a person would. It runs as the owner of its process: anybody may
 * call a program mig-agent, and must not have it run by root for that.
 */
function askVersion({ runtime, script, pid, uid, gid }: Agent, signal: AbortSignal): Promise<string> {
  const own = process.getuid?.() === 0 ? { uid, gid } : {};
  const options = { signal, timeout: patienceMs, env: { PATH: '/usr/bin:/bin' }, ...own };
  return new Promise((done, reject) => {
    execFile(runtime, [script, '-V'], options, (error, output) => {
      if (error === null) done(output.trim());
      else
        reject(
          new Error(
            `process ${pid}: ${script} did not say its version, so that nothing was done: ${error.message.split('\n')[0]}`,
            { cause: error },
          ),
        );
    });
  });
}

/** What a program of ours consists of: launcher, bundles, start-up snapshot. Never its configuration. */
const programFile = /^(mig-agent|(mig-agent(-daemon)?|module-thread)\.(cjs|js|compiled)|mig-agent\.blob(\.for)?)$/;

/**
 * Removes the files of the agent's program: those that lie with its script, and where that is a launcher in `bin`, the
 * bundles in `dist` beside it. Gives their paths; `shared` when the agent that runs this module needs them too.
 */
function removeExecutable(script: string): string[] | 'shared' {
  const folder = dirname(script);
  const folders = basename(folder) === 'bin' ? [folder, join(dirname(folder), 'dist')] : [folder];
  const own = process.argv[1] ?? '';
  if (existsSync(own) && folders.includes(dirname(realpathSync(own)))) return 'shared';
  const paths = folders.flatMap((one) => {
    if (!existsSync(one)) return [];
    return readdirSync(one).flatMap((name) => (programFile.test(name) ? [join(one, name)] : []));
  });
  for (const path of paths) rmSync(path, { force: true });
  return paths.sort();
}
