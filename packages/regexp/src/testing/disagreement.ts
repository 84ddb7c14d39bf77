/** Compares our answers with those of others: re2js, a port of RE2, for texts; our own leftmost search for lines. */
import { RE2JS } from 're2js';
import { compile, type Regexp } from '../regexp.ts';
import { compileSet } from '../regexp-set.ts';
import type { Scan } from '../scan/scan.ts';
import { type Dice, randomBytes, randomPattern, randomText } from './random-patterns.ts';

/** What two engines say differently; undefined when they agree. `pairs` counts patterns times inputs. */
export interface Comparison {
  readonly pairs: number;
  readonly disagreement: string | undefined;
}

const encoder = new TextEncoder();

/** A random pattern on random texts: acceptance, existence and bounds, against re2js. */
export function compareWithRe2js(dice: Dice): Comparison {
  const pattern = randomPattern(dice, 3);
  const reference = attempt(() => RE2JS.compile(pattern));
  const ours = attempt(() => compile(pattern));
  if ((reference === undefined) !== (ours === undefined)) {
    return {
      pairs: 0,
      disagreement: `${JSON.stringify(pattern)} is ${ours === undefined ? 'refused' : 'accepted'}, re2js says otherwise`,
    };
  }
  if (reference === undefined || ours === undefined) return { pairs: 0, disagreement: undefined };
  for (let i = 0; i < 6; i++) {
    const text = randomText(dice, 8);
    const matcher = reference.matcher(text);
    const bounds = matcher.find()
      ? { start: byteAt(text, matcher.start()), end: byteAt(text, matcher.end()) }
      : undefined;
    const said = JSON.stringify([bounds !== undefined, bounds !== undefined, bounds]);
    const found = JSON.stringify([ours.test(text), ours.test(encoder.encode(text)), ours.find(text)]);
    if (said !== found)
      return {
        pairs: i,
        disagreement: `${JSON.stringify(pattern)} on ${JSON.stringify(text)}: ${found}, re2js ${said}`,
      };
  }
  return { pairs: 6, disagreement: undefined };
}

/** Some random patterns as a set, on random bytes cut into random pieces: against each pattern on each line alone. */
export function compareScans(dice: Dice): Comparison {
  const patterns = Array.from({ length: 1 + dice.roll(3) }, () => randomPattern(dice, 3));
  const singles = attempt(() => patterns.map(compile));
  if (singles === undefined) return { pairs: 0, disagreement: undefined };
  const set = compileSet(patterns);
  const some = set.scan('some');
  const every = set.scan('every');
  const whole = compileSet(patterns, { lines: false }).scan();
  for (let i = 0; i < 5; i++) {
    const bytes = randomBytes(dice, 30);
    for (const scan of [some, every, whole]) feed(scan, bytes, dice);
    const said = JSON.stringify(expected(singles, bytes));
    const found = JSON.stringify([
      [...some.matched],
      [...every.missed],
      [...whole.matched],
      singles.map((one) => Number(one.test(bytes))),
    ]);
    if (said !== found) {
      return {
        pairs: i,
        disagreement: `${JSON.stringify(patterns)} on ${JSON.stringify(bytes.toString('latin1'))}: ${found}, expected ${said}`,
      };
    }
  }
  return { pairs: 5 * patterns.length, disagreement: undefined };
}

function expected(singles: readonly Regexp[], bytes: Buffer): unknown {
  const lines = linesOf(bytes);
  const whole = singles.map((one) => Number(one.find(bytes) !== undefined));
  return [
    singles.map((one) => Number(lines.some((line) => one.find(line) !== undefined))),
    singles.map((one) => Number(lines.some((line) => one.find(line) === undefined))),
    whole,
    whole,
  ];
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
    lines.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return from < bytes.length ? [...lines, bytes.subarray(from)] : lines;
}

function feed(scan: Scan, bytes: Buffer, dice: Dice): void {
  scan.reset();
  if (dice.roll(2) === 0) {
    scan.room().set(bytes);
    const isAnswered = scan.takeWhole(bytes.length);
    if (isAnswered !== (scan.matched.includes(1) || scan.missed.includes(1))) {
      throw new Error(`takeWhole said ${isAnswered} of ${[...scan.matched]}, ${[...scan.missed]}`);
    }
    return;
  }
  for (let at = 0; at < bytes.length; ) {
    const count = Math.min(1 + dice.roll(12), bytes.length - at);
    scan.room().set(bytes.subarray(at, at + count));
    at += count;
    if (scan.advance(count)) return;
  }
  scan.end();
}

function byteAt(text: string, unit: number): number {
  return encoder.encode(text.slice(0, unit)).length;
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
