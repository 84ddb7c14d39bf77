/** Scans the files that a search finds: the part of the yara module that touches the machine. */
import { closeSync, fstatSync, readSync } from 'node:fs';
import { type Findings, formatDuration, type RunContext } from '@mig/module';
import { openFile } from '../file/content-reader.ts';
import { type FoundFile, findFiles } from '../found-files.ts';
import { ByteBudget } from './byte-budget.ts';
import { compileRules, type RuleMatch, type Rules } from './engine.ts';
import { readFileSearch } from './file-search.ts';
import type { Elements, Match, Parameters, Statistics } from './yara.ts';

/** Files scanned at a time: one more than the processors that most endpoints spare. */
const lanes = 3;
/** Bytes held at a time; the engine takes a copy of each file, so that as much again is in use. */
const budgetBytes = 48 * 1024 ** 2;
/** Above this a file is scanned without a copy, in this thread, alone. */
const largestCopied = 64 * 1024 ** 2;
/** Rules are about files as a whole: a larger one is not scanned, since a module's memory is limited. */
const largestScanned = 256 * 1024 ** 2;

export async function scanFiles(context: RunContext<Parameters>): Promise<Findings<Elements, Statistics>> {
  const started = performance.now();
  const { searches, matchlimit } = readFileSearch(context.parameters.filesearch);
  const rules = compileRules(context.parameters.yara);
  const found = await findFiles(context, searches);
  const all = [...found.values()].flat();
  if (matchlimit > 0 && all.length > matchlimit)
    context.warn(`${all.length} files were found, ${matchlimit} are scanned`);
  const files = matchlimit > 0 ? all.slice(0, matchlimit) : all;
  const scan = new Scan(rules, context);
  let next = 0;
  const lane = async () => {
    while (next < files.length) await scan.scan(files[next++]!);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const { matches, filescount, bytesscanned } = scan;
  matches.sort((a, b) => (a.object < b.object ? -1 : 1));
  const exectime = formatDuration(Math.round((performance.now() - started) * 1000) / 1000);
  return {
    foundanything: matches.length > 0,
    elements: { matches },
    statistics: { filescount, bytesscanned, totalhits: matches.length, exectime },
  };
}

class Scan {
  readonly matches: Match[] = [];
  filescount = 0;
  bytesscanned = 0;
  readonly #rules: Rules;
  readonly #context: RunContext<Parameters>;
  readonly #budget = new ByteBudget(budgetBytes);

  constructor(rules: Rules, context: RunContext<Parameters>) {
    this.#rules = rules;
    this.#context = context;
  }

  /** Scans one file. One that cannot be read is a warning. */
  async scan(file: FoundFile): Promise<void> {
    await this.#budget.take(file.sizeBytes);
    try {
      const pause = this.#context.breathe();
      if (pause) await pause;
      const data = readWhole(file);
      const isCopied = data.length <= largestCopied;
      const matches = isCopied ? await this.#rules.scanAsync(data) : this.#rules.scan(data);
      this.filescount++;
      this.bytesscanned += data.length;
      if (matches.length > 0) this.matches.push({ object: file.path, matchedrules: namesOf(matches) });
    } catch (error) {
      this.#context.signal.throwIfAborted();
      this.#context.warn(`${file.path}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#budget.giveBack(file.sizeBytes);
    }
  }
}

function namesOf(matches: readonly RuleMatch[]): string[] {
  return [...new Set(matches.map(({ ruleIdentifier }) => ruleIdentifier))].sort();
}

/** The bytes of a file as it is now. Throws when it is too large, or no file any more. */
function readWhole({ place }: FoundFile): Buffer {
  const file = openFile(place, true);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new Error('it is no regular file any more, and was not scanned');
    if (stats.size > largestScanned) {
      throw new Error(`it has ${stats.size} bytes, more than the ${largestScanned} that can be scanned`);
    }
    const data = Buffer.allocUnsafeSlow(stats.size);
    let filled = 0;
    while (filled < data.length) {
      const count = readSync(file, data, filled, data.length - filled, filled);
      if (count === 0) break;
      filled += count;
    }
    return data.subarray(0, filled);
  } finally {
    closeSync(file);
  }
}
