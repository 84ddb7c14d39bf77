/** Goes through the processes of this machine for the memory module: the part that touches the machine. */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { durationSince, type Findings, type RunContext } from '@mig/module';
import { Failures, troubleOf } from './failures.ts';
import { compileSearches, judgeCheaply, type LabelledSearch, matchesOf, type Outcome, wantsMemory } from './judge.ts';
import { libraryPaths, type Mapping, parseMappings, scannable, withoutMark } from './mappings.ts';
import type { Elements, Match, Parameters, Statistics } from './memory.ts';
import { readPieces } from './memory-pieces.ts';
import { type MemoryWindow, windowsOf } from './memory-window.ts';
import { ownProcesses } from './own-processes.ts';
import { pageSize } from './page-size.ts';
import { touchedRuns } from './touched-runs.ts';

/** `root` is where the proc file system is mounted. */
export async function scanProcesses(
  context: RunContext<Parameters>,
  root = '/proc',
): Promise<Findings<Elements, Statistics>> {
  const started = performance.now();
  const scan = new Scan(context, root);
  for (const pid of processIds(root)) {
    const pause = context.breathe();
    if (pause) await pause;
    await scan.examine(pid);
  }
  for (const failure of scan.failures.softFailures()) context.warn(failure);
  const { elements, processcount, memoryread } = scan;
  const totalhits = Object.values(elements).reduce((sum, matches) => sum + matches.length, 0);
  const wantsFailures = scan.searches.some(({ search }) => search.options.logfailures);
  const failures = wantsFailures ? { failures: scan.failures.parts } : {};
  const exectime = durationSince(started);
  return {
    foundanything: totalhits > 0,
    elements,
    statistics: { processcount, memoryread, totalhits, ...failures, exectime },
  };
}

function processIds(root: string): number[] {
  return readdirSync(root)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

class Scan {
  readonly searches: readonly LabelledSearch[];
  readonly elements: Record<string, Match[]>;
  readonly failures = new Failures();
  processcount = 0;
  memoryread = 0;
  readonly #context: RunContext<Parameters>;
  readonly #root: string;
  readonly #windows: readonly MemoryWindow[];
  readonly #own: ReadonlySet<number>;
  readonly #pageBytes: number;
  readonly #wantsMappings: boolean;

  constructor(context: RunContext<Parameters>, root: string) {
    this.#context = context;
    this.#root = root;
    this.searches = compileSearches(context.parameters.searches);
    this.elements = Object.fromEntries(this.searches.map(({ label }) => [label, []]));
    this.#windows = windowsOf(this.searches);
    this.#own = ownProcesses(root, process.pid);
    this.#pageBytes = pageSize(root);
    this.#wantsMappings = this.searches.some(({ libraries }) => libraries.length > 0);
  }

  /** Judges one process, and adds it to the elements of each search that it matches. */
  async examine(pid: number): Promise<void> {
    const executable = this.#tell(pid, () => readlinkSync(this.#file(pid, 'exe')));
    if (executable === undefined) return; // A thread of the kernel has none: it has no memory of its own either.
    const name = withoutMark(executable);
    let mappings: readonly Mapping[] | undefined;
    if (this.#wantsMappings) mappings = this.#mappings(pid);
    this.processcount++;
    const libraries = libraryPaths(mappings ?? [], name).flatMap((path) => [path, withoutMark(path)]);
    const outcomes = new Map<LabelledSearch, Outcome>();
    for (const search of this.searches)
      outcomes.set(search, await judgeCheaply(search, name, libraries, this.#context));
    const asking = new Map([...outcomes].filter(([search, outcome]) => wantsMemory(search, outcome)));
    if (asking.size > 0 && !this.#own.has(pid)) {
      await this.#searchMemory(pid, mappings ?? this.#mappings(pid) ?? [], asking);
    }
    for (const [search, outcome] of outcomes) {
      this.elements[search.label]!.push(...matchesOf(search, outcome, { name, pid }));
    }
  }

  async #searchMemory(pid: number, mappings: readonly Mapping[], outcomes: Map<LabelledSearch, Outcome>) {
    let windows = this.#windows.filter((window) => window.begin(outcomes));
    const readable = scannable(mappings);
    if (windows.length === 0 || readable.length === 0) return;
    const memory = this.#tell(pid, () => openSync(this.#file(pid, 'mem'), 'r'));
    if (memory === undefined) return;
    const pagemap = this.#open(this.#file(pid, 'pagemap'));
    try {
      const lowest = Math.min(...windows.map(({ offset }) => offset));
      const above = readable
        .filter(({ end }) => end > lowest)
        .map((mapping) => ({ ...mapping, start: Math.max(mapping.start, this.#pageOf(lowest)) }));
      const pieces = readPieces(memory, touchedRuns(above, pagemap, this.#pageBytes), {
        lookBack: Math.max(...windows.map(({ lookBack }) => lookBack)),
        pageBytes: this.#pageBytes,
        onUnreadable: (start, byteCount, code) =>
          this.failures.notePart(`pid ${pid}: ${byteCount} bytes at 0x${start.toString(16)}: ${code}`),
      });
      for (const piece of pieces) {
        if (!piece.isZero) this.memoryread += piece.to - piece.from;
        windows = windows.filter((window) => window.take(piece));
        if (windows.length === 0) break;
        const pause = this.#context.breathe();
        if (pause) await pause;
      }
      for (const window of windows) window.end();
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      this.#note(pid, error);
    } finally {
      closeSync(memory);
      if (pagemap !== undefined) closeSync(pagemap);
    }
  }

  #mappings(pid: number): Mapping[] | undefined {
    const text = this.#tell(pid, () => readFileSync(this.#file(pid, 'maps'), 'utf8'));
    return text === undefined ? undefined : parseMappings(text);
  }

  /** What `read` gives; undefined, and the reason noted, when the process has ended or does not let us look. */
  #tell<T>(pid: number, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.#note(pid, error);
      return undefined;
    }
  }

  #note(pid: number, error: unknown): void {
    const { code, isEnd } = troubleOf(error);
    if (isEnd) this.failures.notePart(`pid ${pid}: has ended, or is a thread of the kernel`);
    else this.failures.noteProcess(pid, code);
  }

  #open(path: string): number | undefined {
    try {
      return openSync(path, 'r');
    } catch {
      return undefined; // Everything is read then, touched or not.
    }
  }

  #pageOf(address: number): number {
    return address - (address % this.#pageBytes);
  }

  #file(pid: number, name: string): string {
    return join(this.#root, String(pid), name);
  }
}
