/** Values that stand in lines: what the groups of a regular expression hold. */
import { closeSync, readSync } from 'node:fs';
import { compile, compileSet, type Scan } from '@mig/regexp';
import { RE2JS } from 're2js';
import { openFile } from '../file/content-reader.ts';
import type { RawPath } from '../file/raw-path.ts';
import { mostCandidates } from './candidates.ts';

/** Longest line that values are taken from, in bytes: the rest of a longer one is not looked at. */
const longestLine = 1 << 20;

type Breathe = () => Promise<void> | undefined;

/** Takes values from texts: the groups of the leftmost match, or the match itself where there is no group. */
export class ValueExpression {
  readonly #pattern: string;
  readonly #groups: RE2JS;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#groups = RE2JS.compile(pattern);
  }

  get pattern(): string {
    return this.#pattern;
  }

  /** The values in `text`; undefined when it does not match. A group that took no part has an empty value. */
  valuesIn(text: string): string[] | undefined {
    const matcher = this.#groups.matcher(text);
    if (!matcher.find()) return undefined;
    const count = matcher.groupCount();
    if (count === 0) return [matcher.group() ?? ''];
    return Array.from({ length: count }, (_, i) => matcher.group(i + 1) ?? '');
  }
}

/**
 * Whether some line of a file matches. Made once for many files. The scan takes a carriage return for a part of its line:
 * where lines end in one, they are looked at without it, one by one.
 */
export class LineQuestion {
  readonly #pattern: string;
  readonly #scan: Scan;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#scan = compileSet([pattern, '\\r$']).scan('some');
  }

  async isIn(place: RawPath, breathe: Breathe): Promise<boolean> {
    if (!(await this.mayBeIn(place, breathe))) return false;
    if (this.#scan.matched[0] === 1) return true;
    const wanted = compile(this.#pattern);
    for await (const line of linesOf(place, breathe)) if (wanted.test(line)) return true;
    return false;
  }

  /** Whether it is worth looking at each line: the scan is many times faster. */
  async mayBeIn(place: RawPath, breathe: Breathe): Promise<boolean> {
    const scan = this.#scan;
    scan.reset();
    const file = openFile(place, true);
    try {
      for (;;) {
        const count = readSync(file, scan.room());
        if (count === 0) break;
        if (scan.advance(count)) return true;
        const pause = breathe();
        if (pause) await pause;
      }
    } finally {
      closeSync(file);
    }
    scan.end();
    return scan.matched.includes(1);
  }
}

/** The values in the lines of a file, line by line. Throws when there are more than an object may have. */
export async function valuesInFile(place: RawPath, expression: ValueExpression, breathe: Breathe): Promise<string[]> {
  const values: string[] = [];
  const isWanted = compile(expression.pattern);
  for await (const line of linesOf(place, breathe)) {
    // The automaton is many times faster than the groups.
    const found = isWanted.test(line) ? expression.valuesIn(line.toString()) : undefined;
    if (found !== undefined) values.push(...found);
    if (values.length > mostCandidates) break;
  }
  return values;
}

/** The lines of a file without their ends. */
async function* linesOf(place: RawPath, breathe: Breathe): AsyncGenerator<Buffer> {
  const file = openFile(place, true);
  const chunk = Buffer.allocUnsafe(65_536);
  let parts: Buffer[] = [];
  let size = 0;
  const keep = (part: Buffer) => {
    const room = longestLine - size;
    if (room > 0) parts.push(Buffer.from(part.subarray(0, room)));
    size += part.length;
  };
  const whole = () => {
    const line = Buffer.concat(parts);
    [parts, size] = [[], 0];
    return line.at(-1) === 13 ? line.subarray(0, -1) : line;
  };
  try {
    for (let count = readSync(file, chunk); count > 0; count = readSync(file, chunk)) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0 && end < count; end = chunk.indexOf(10, start)) {
        keep(chunk.subarray(start, end));
        yield whole();
        start = end + 1;
      }
      keep(chunk.subarray(start, count));
      const pause = breathe();
      if (pause) await pause;
    }
  } finally {
    closeSync(file);
  }
  if (size > 0) yield whole();
}
