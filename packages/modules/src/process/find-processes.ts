/** Looks at every process once, for all searches. */
import { readdirSync, readFileSync } from 'node:fs';
import { durationSince, type Findings, type RunContext } from '@mig/module';
import { compile } from '@mig/regexp';
import { hashFile } from '../hash-file.ts';
import { ResultRoom } from '../result-room.ts';
import {
  identityOf,
  parseStat,
  readBootTime,
  readCommandLine,
  readExecutable,
  readUid,
  ticksPerSecond,
  userNames,
} from './proc-process.ts';
import type { Elements, Parameters, Process, Search, Statistics } from './process.ts';

/** Where the machine is looked at; tests give recorded trees. */
export interface ProcessSources {
  readonly proc: string;
  readonly passwd: string;
}

type Context = RunContext<Parameters>;
/** Judges a process by one filter of a search. */
type Filter = (subject: Subject) => boolean | Promise<boolean>;

export async function findProcesses(
  context: Context,
  sources: ProcessSources = { proc: '/proc', passwd: '/etc/passwd' },
): Promise<Findings<Elements, Statistics>> {
  const started = performance.now();
  const reader = new ProcessReader(context, sources);
  const pids = readdirSync(sources.proc)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
  const subjects: Subject[] = [];
  for (const pid of pids) {
    const subject = reader.read(pid);
    if (subject !== undefined) subjects.push(subject);
    const pause = context.breathe();
    if (pause !== undefined) await pause;
  }
  const room = new ResultRoom();
  const elements: Record<string, Process[]> = {};
  for (const [label, search] of Object.entries(context.parameters.searches)) {
    const found: Process[] = [];
    for (const subject of await judge(subjects, search, reader, context)) {
      found.push(await reader.describe(subject, search.sha256.length > 0));
      room.take(found.at(-1));
    }
    elements[label] = found;
  }
  const processcount = subjects.length;
  reader.warnOfUnreadable();
  const totalhits = Object.values(elements).reduce((sum, processes) => sum + processes.length, 0);
  const exectime = durationSince(started);
  return { foundanything: totalhits > 0, elements, statistics: { processcount, totalhits, exectime } };
}

/** Those of `subjects` that match `search`. Each filter judges those that the ones before it left open. */
async function judge(
  subjects: readonly Subject[],
  search: Search,
  reader: ProcessReader,
  { breathe }: Context,
): Promise<readonly Subject[]> {
  const { matchall } = search.options;
  const open = new Set(subjects);
  for (const filter of filtersOf(search, reader)) {
    for (const subject of open) {
      const pause = breathe();
      if (pause) await pause;
      if ((await filter(subject)) !== matchall) open.delete(subject);
    }
  }
  return subjects.filter((subject) => open.has(subject) === matchall);
}

/**
 * The filters of `search`, the cheap ones first. Each is made when it is asked for: a regular expression takes some
 * 40 KB once it has judged something, and there may be thousands.
 */
function* filtersOf(search: Search, reader: ProcessReader): Generator<Filter> {
  const { names, paths, cmdlines, users, ppids, sha256, deleted } = search;
  yield* regexps(names, ({ name }) => name);
  for (const wanted of ppids) yield ({ ppid }) => ppid === wanted;
  yield* regexps(users, ({ user }) => user);
  yield* regexps(paths, ({ path }) => path);
  if (deleted !== undefined) yield (subject) => subject.deleted === deleted && subject.path !== '';
  yield* regexps(cmdlines, ({ pid }) => reader.commandLine(pid));
  for (const wanted of sha256) yield async (subject) => (await reader.hash(subject)) === wanted;
}

function* regexps(patterns: readonly string[], text: (subject: Subject) => string | Uint8Array): Generator<Filter> {
  for (const pattern of patterns) {
    const regexp = compile(pattern);
    yield (subject) => regexp.test(text(subject));
  }
}

type Subject = Omit<Process, 'sha256'>;

class ProcessReader {
  readonly #context: Context;
  readonly #proc: string;
  readonly #users: ReadonlyMap<number, string>;
  readonly #bootTime: number;
  readonly #hashes = new Map<string, string>();
  /** Processes that did not let us look, by what we looked for and the reason. */
  readonly #refused = new Map<string, { readonly what: string; readonly reason: string; readonly pids: number[] }>();

  constructor(context: Context, { proc, passwd }: ProcessSources) {
    this.#context = context;
    this.#proc = proc;
    this.#bootTime = readBootTime(proc);
    this.#users = userNames(readText(passwd));
  }

  /** What /proc says of `pid`; undefined when it has ended. */
  read(pid: number): Subject | undefined {
    const stat = this.#try(pid, 'stat', () => parseStat(readFileSync(`${this.#proc}/${pid}/stat`)));
    const uid = this.#try(pid, 'status', () => readUid(this.#proc, pid));
    if (stat === undefined || uid === undefined) return undefined;
    const executable = this.#try(pid, 'executable', () => readExecutable(this.#proc, pid));
    const { name, ppid, startTicks } = stat;
    const starttime = new Date((this.#bootTime + startTicks / ticksPerSecond) * 1000)
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
    const { path = '', isDeleted = false } = executable ?? {};
    return { pid, ppid, name, path, user: this.#users.get(uid) ?? String(uid), starttime, deleted: isDeleted };
  }

  commandLine(pid: number): Uint8Array {
    return this.#try(pid, 'command line', () => readCommandLine(this.#proc, pid)) ?? new Uint8Array();
  }

  /** The SHA256 of what runs, also when its file is gone: an executable that many processes run is read once. */
  async hash({ pid, path }: Subject): Promise<string | undefined> {
    if (path === '') return undefined;
    const identity = this.#try(pid, 'executable', () => identityOf(this.#proc, pid));
    if (identity === undefined) return undefined;
    const known = this.#hashes.get(identity) ?? (await this.#hash(pid));
    if (known !== undefined) this.#hashes.set(identity, known);
    return known;
  }

  async describe(subject: Subject, wantsHash: boolean): Promise<Process> {
    const sha256 = wantsHash ? await this.hash(subject) : undefined;
    const { deleted, ...rest } = subject;
    return { ...rest, ...(sha256 === undefined ? {} : { sha256 }), deleted };
  }

  /** One soft error for each kind of thing that could not be read. */
  warnOfUnreadable(): void {
    for (const { what, reason, pids } of this.#refused.values()) {
      const some = pids.slice(0, 10).join(', ');
      const rest = pids.length > 10 ? ` and ${pids.length - 10} more` : '';
      const which = pids.length === 1 ? `pid ${some}` : `${pids.length} processes (pid ${some}${rest})`;
      this.#context.warn(`the ${what} of ${which} could not be read: ${reason}`);
    }
  }

  async #hash(pid: number): Promise<string | undefined> {
    try {
      const onPiece = this.#context.breathe;
      return await hashFile(`${this.#proc}/${pid}/exe`, 'sha256', { isLink: true, onPiece });
    } catch (error) {
      this.#context.signal.throwIfAborted();
      this.#note(pid, 'executable', error);
      return undefined;
    }
  }

  #try<T>(pid: number, what: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.#note(pid, what, error);
      return undefined;
    }
  }

  /** A process that ended in the meantime is no trouble: it does not run. */
  #note(pid: number, what: string, error: unknown): void {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return;
    const isRefusal = code === 'EACCES' || code === 'EPERM';
    const reason = isRefusal ? 'not permitted, run as root to see all' : (code ?? message);
    const refused = this.#refused.get(`${what} ${reason}`) ?? { what, reason, pids: [] };
    this.#refused.set(`${what} ${reason}`, refused);
    if (refused.pids.at(-1) !== pid) refused.pids.push(pid);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // Without names, users are numbers.
  }
}
