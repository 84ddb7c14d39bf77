/**
 * Unicode properties and simple case folding, from the tables of the runtime.
 *
 * RE2 knows a property by its general category (`L`, `Lu`) or script (`Greek`), and folds case by simple folding: one
 * code point for another (https://github.com/google/re2/wiki/Syntax).
 */
import { contains, everything, normalize, type Ranges } from './ranges.ts';

/** Blocks of code points that hold all that is assigned, but surrogates and private planes. */
const blocks: readonly (readonly [number, number])[] = [
  [0, 0xd7ff],
  [0xe000, 0xffff],
  [0x10000, 0x33fff],
  [0xe0000, 0xe0fff],
];
const privatePlanes: Ranges = [0xf0000, 0xffffd, 0x100000, 0x10fffd];

const categories = new Set(
  'L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs Cc Cf Co'.split(' '),
);

let blockTexts: readonly string[] | undefined;
const known = new Map<string, Ranges | undefined>();

/** The code points of property `name` as RE2 spells it, or undefined when there is none. */
export function property(name: string): Ranges | undefined {
  if (!known.has(name)) known.set(name, findProperty(name));
  return known.get(name);
}

function findProperty(name: string): Ranges | undefined {
  if (name === 'Any') return everything;
  if (name === 'C') return normalize(['Cc', 'Cf', 'Co'].flatMap((part) => [...property(part)!]));
  if (name === 'Cs') return [];
  if (categories.has(name))
    return name === 'Co' ? normalize([...matching('\\p{Co}'), ...privatePlanes]) : matching(`\\p{${name}}`);
  if (!/^[A-Z][A-Za-z_]+$/.test(name)) return undefined;
  try {
    return matching(`\\p{Script=${name}}`);
  } catch {
    return undefined; // The runtime knows no such script.
  }
}

/** Code points that match `expression`, in the runtime's syntax. Throws when the runtime refuses it. */
function matching(expression: string): Ranges {
  const runs = new RegExp(`${expression}+`, 'gu');
  blockTexts ??= blocks.map(blockText);
  return blocks.flatMap(([first], i) => {
    const width = first > 0xffff ? 2 : 1;
    return [...blockTexts![i]!.matchAll(runs)].flatMap((run) => {
      const low = first + run.index / width;
      return [low, low + run[0].length / width - 1];
    });
  });
}

function blockText([first, last]: readonly [number, number]): string {
  if (last > 0xffff) return decode(surrogatePairs(first, last));
  return decode(Uint16Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

function surrogatePairs(first: number, last: number): Uint16Array {
  const units = new Uint16Array(2 * (last - first + 1));
  for (let codePoint = first, at = 0; codePoint <= last; codePoint++, at += 2) {
    units[at] = 0xd7c0 + (codePoint >> 10);
    units[at + 1] = 0xdc00 + (codePoint & 0x3ff);
  }
  return units;
}

/** Many units at a time: by far the fastest way to a long text. The units are in the order of the processor. */
function decode(units: Uint16Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < units.length; at += 8192) {
    pieces.push(String.fromCharCode.apply(null, units.subarray(at, at + 8192) as unknown as number[]));
  }
  return pieces.join('');
}

/** `ranges` with every code point that differs from one of them by case alone. */
export function foldCase(ranges: Ranges): Ranges {
  const added: number[] = [];
  for (let low = 0x41; low <= 0x5a; low++) {
    if (contains(ranges, low)) added.push(low + 32, low + 32);
    if (contains(ranges, low + 32)) added.push(low, low);
  }
  if (contains(ranges, 0x4b) || contains(ranges, 0x6b)) added.push(0x212a, 0x212a);
  if (contains(ranges, 0x53) || contains(ranges, 0x73)) added.push(0x17f, 0x17f);
  if (ranges.length > 0 && ranges[ranges.length - 1]! > 0x7f) {
    const { members, orbitOf } = orbits();
    for (let i = 0; i < ranges.length; i += 2) {
      for (let at = firstNotBelow(members, ranges[i]!); members[at]! <= ranges[i + 1]!; at++) {
        for (const codePoint of orbitOf[at]!) added.push(codePoint, codePoint);
      }
    }
  }
  return added.length === 0 ? ranges : normalize([...ranges, ...added]);
}

/** The index of the first of `sorted` that is `least` or more. */
function firstNotBelow(sorted: readonly number[], least: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The code points that differ from others by case alone, ascending, and for each those that are the same but for case. */
interface Orbits {
  readonly members: readonly number[];
  readonly orbitOf: readonly (readonly number[])[];
}

let allOrbits: Orbits | undefined;

/** U+0130 and U+0131 fold with nothing outside Turkic languages. */
function orbits(): Orbits {
  if (allOrbits !== undefined) return allOrbits;
  const orbitOf = new Map<number, Set<number>>();
  const cased = matching('\\p{Changes_When_Casemapped}');
  for (let i = 0; i < cased.length; i += 2) {
    for (let codePoint = cased[i]!; codePoint <= cased[i + 1]!; codePoint++) {
      if (codePoint === 0x130 || codePoint === 0x131) continue;
      const text = String.fromCodePoint(codePoint);
      join(orbitOf, codePoint, text.toLowerCase());
      join(orbitOf, codePoint, text.toUpperCase());
    }
  }
  const members = [...orbitOf.keys()].sort((a, b) => a - b);
  allOrbits = { members, orbitOf: members.map((member) => [...orbitOf.get(member)!]) };
  return allOrbits;
}

function join(orbitOf: Map<number, Set<number>>, codePoint: number, mapped: string): void {
  const other = mapped.codePointAt(0)!;
  if (other === codePoint || mapped.length !== String.fromCodePoint(other).length) return;
  const merged = new Set([codePoint, other, ...(orbitOf.get(codePoint) ?? []), ...(orbitOf.get(other) ?? [])]);
  for (const member of merged) orbitOf.set(member, merged);
}

/** What `\d`, `\s`, `\w` and the POSIX names stand for: ASCII only, as in RE2. */
export const asciiClasses: Readonly<Record<string, Ranges>> = {
  d: [0x30, 0x39],
  s: [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20],
  w: [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a],
  alnum: [0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a],
  alpha: [0x41, 0x5a, 0x61, 0x7a],
  ascii: [0x00, 0x7f],
  blank: [0x09, 0x09, 0x20, 0x20],
  cntrl: [0x00, 0x1f, 0x7f, 0x7f],
  digit: [0x30, 0x39],
  graph: [0x21, 0x7e],
  lower: [0x61, 0x7a],
  print: [0x20, 0x7e],
  punct: [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e],
  space: [0x09, 0x0d, 0x20, 0x20],
  upper: [0x41, 0x5a],
  word: [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a],
  xdigit: [0x30, 0x39, 0x41, 0x46, 0x61, 0x66],
};
