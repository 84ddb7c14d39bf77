/** Finds out whether a process is an agent of the version named, and ends it. Every doubt is a refusal. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type Findings, formatDuration, type RunContext } from '@mig/module';
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
  const files = removeExecutable(now.script);
  const exectime = formatDuration(Math.round((performance.now() - started) * 1000) / 1000);
  const sentence = `killed agent ${version} (pid ${pid}) and removed ${files.join(', ')}`;
  return { foundanything: true, elements: sentence, statistics: { exectime } };
}

interface Agent {
  readonly pid: number;
  /** The runtime that it runs on; shared with others, and never removed. */
  readonly runtime: string;
  readonly script: string;
  readonly startTicks: number;
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
  const script = words.slice(1).find((word) => agentScripts.includes(basename(word)));
  const isRuntime = /^node(js)?(-?\d.*)?$/.test(basename(runtime));
  if (script === undefined || !isRuntime || startTicks === undefined) {
    throw new Error(`parameter 'pid': process ${pid} (${runtime}) is not an agent: nothing was done`);
  }
  return { pid, runtime, script: bundleOf(resolve(cwd, script)), startTicks };
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

/** Has the executable itself say which version it is, as a person would. */
function askVersion({ runtime, script, pid }: Agent, signal: AbortSignal): Promise<string> {
  return new Promise((done, reject) => {
    const env = { PATH: '/usr/bin:/bin' };
    execFile(runtime, [script, '-V'], { signal, timeout: patienceMs, env }, (error, output) => {
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

/** Removes the files of the agent's program that lie together: its bundles and its snapshot. Gives their paths. */
function removeExecutable(script: string): string[] {
  const folder = dirname(script);
  const stem = basename(script).replace(/\.cjs$/, '');
  const files = readdirSync(folder).filter(
    (name) => name === basename(script) || name.startsWith(`${stem}.`) || name === 'module-thread.cjs',
  );
  const paths = files.map((name) => `${folder}/${name}`).sort();
  for (const path of paths) rmSync(path, { force: true });
  return paths;
}
