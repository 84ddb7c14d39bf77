/** Long inputs in which few lines decide: what the searches, the lanes and the changes between them have to get right. */
import fc from 'fast-check';
import { compile, compileSet, type Question } from '../src/index.ts';
import type { Kernel } from '../src/kernel/kernel.ts';
import { run } from './agreement.ts';
import { anyInput, anyPattern } from './random-pattern.ts';
import { linesOf } from './reference.ts';

export interface LongCase {
  readonly patterns: readonly string[];
  /** Lines to choose from. */
  readonly samples: readonly Uint8Array[];
  readonly question: Question;
  /** For each pattern, where among the lines one stands that decides it, 0 to 1; none when it is beyond. */
  readonly places: readonly number[];
  readonly length: number;
  readonly cut: number;
}

export const anyLongCase: fc.Arbitrary<LongCase> = fc.record({
  patterns: fc.array(anyPattern, { minLength: 1, maxLength: 3 }),
  samples: fc.array(anyInput, { minLength: 20, maxLength: 60 }),
  question: fc.constantFrom<Question>('some', 'every'),
  places: fc.array(fc.double({ min: 0, max: 1.5, noNaN: true }), { minLength: 3, maxLength: 3 }),
  length: fc.integer({ min: 5_000, max: 300_000 }),
  cut: fc.constantFrom(131_072, 131_072, 65_536, 10_007, 4096),
});

/** Throws when a scan of the case says other than each pattern on each line. */
export function compareLong({ patterns, samples, question, places, length, cut }: LongCase, kernel: Kernel): void {
  let regexps: ReturnType<typeof compile>[];
  try {
    regexps = patterns.map(compile);
    compileSet(patterns);
  } catch {
    return;
  }
  const decides = (line: Uint8Array, i: number) => regexps[i]!.test(line) === (question === 'some');
  const lines = samples.flatMap(linesOf);
  const quiet = lines.filter((line) => !regexps.some((_, i) => decides(line, i)));
  if (quiet.length === 0) return;
  const chosen: Uint8Array[] = [];
  for (let total = 0, i = 0; total < length; i++) {
    const line = quiet[(i * 7919) % quiet.length]!;
    chosen.push(line);
    total += line.length + 1;
  }
  patterns.forEach((_, i) => {
    const deciding = lines.find((line) => decides(line, i));
    const at = Math.floor(places[i]! * chosen.length);
    if (deciding !== undefined && at < chosen.length) chosen[at] = deciding;
  });
  const expected = regexps.map((_, i) => Number(chosen.some((line) => decides(line, i))));
  const scan = compileSet(patterns).scan(question, kernel);
  run(scan, Buffer.concat(chosen.flatMap((line) => [line, Buffer.from('\n')])), cut);
  const answer = [...(question === 'some' ? scan.matched : scan.missed)];
  if (answer.join() !== expected.join()) {
    throw new Error(`${question} of ${JSON.stringify(patterns)}: got ${answer}, line by line it is ${expected}`);
  }
}
