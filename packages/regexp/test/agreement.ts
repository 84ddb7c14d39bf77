/** Compares everything that the package can be asked with the reference, for one pattern or some and one input. */
import { compile, compileSet, RegexpSizeError, RegexpSyntaxError, type Scan } from '../src/index.ts';
import { createKernel } from '../src/kernel/kernel.ts';
import { createPlainKernel } from '../src/kernel/plain-kernel.ts';
import { type Reference, reference } from './reference.ts';

/** One of each kind, for one scan after another. */
const kernels = [createKernel(), createPlainKernel()];

/** The reference for `pattern`; undefined where both refuse it. Throws when only one of them does. */
export function agreedReference(pattern: string): Reference | undefined {
  const expected = reference(pattern);
  try {
    compile(pattern);
  } catch (error) {
    if (error instanceof RegexpSizeError) return undefined; // re2js has bounds of its own.
    if (!(error instanceof RegexpSyntaxError)) throw error;
    if (expected !== undefined) throw new Error(`refuses /${pattern}/, which re2js takes: ${error.message}`);
    return undefined;
  }
  if (expected === undefined) throw new Error(`takes /${pattern}/, which re2js refuses`);
  return expected;
}

/** Throws an Error that tells where an answer differs. `cut` is where inputs are cut into pieces. */
export function compareAll(patterns: readonly string[], inputs: readonly Uint8Array[], cut: number): void {
  const agreed = patterns.flatMap((pattern) => {
    const expected = agreedReference(pattern);
    return expected === undefined ? [] : [{ pattern, expected, regexp: compile(pattern) }];
  });
  if (agreed.length === 0) return;
  const given = agreed.map(({ pattern }) => pattern);
  const sets = setsOf(given);
  // Each is small enough, and together they are not: fewer are compared.
  if (sets === undefined) {
    compareAll(given.slice(1), inputs, cut);
    return;
  }
  const { lines, whole } = sets;
  const expectations = inputs.map((input) => {
    const texts = agreed.map(({ pattern, expected, regexp }) => {
      const match = expected.find(input);
      equal(regexp.find(input), match, `find /${pattern}/`, input);
      equal(regexp.test(input), match !== undefined, `test /${pattern}/`, input);
      return match !== undefined;
    });
    equal(
      whole.match(input),
      texts.flatMap((matches, i) => (matches ? [i] : [])),
      `match ${given}`,
      input,
    );
    const byLine = agreed.map(({ expected }) => expected.lines(input));
    return {
      text: texts.map(Number),
      some: byLine.map((matches) => Number(matches.includes(true))),
      every: byLine.map((matches) => Number(matches.includes(false))),
    };
  });
  for (const kernel of kernels) {
    for (const question of ['some', 'every', 'text'] as const) {
      const scan = question === 'text' ? whole.scan('some', kernel) : lines.scan(question, kernel);
      inputs.forEach((input, i) => {
        run(scan, input, cut);
        const answer = question === 'every' ? scan.missed : scan.matched;
        const title = `${question}, kernel ${kernels.indexOf(kernel)}, cut at ${cut}: ${given.map((one) => `/${one}/`)}`;
        equal([...answer], expectations[i]![question], title, input);
      });
    }
  }
}

/** Undefined when the set is larger than is allowed. */
function setsOf(patterns: readonly string[]) {
  try {
    return { lines: compileSet(patterns), whole: compileSet(patterns, { lines: false }) };
  } catch (error) {
    if (error instanceof RegexpSizeError && patterns.length > 1) return undefined;
    throw error;
  }
}

/** Puts `input` through `scan` in pieces of at most `cut` bytes. */
export function run(scan: Scan, input: Uint8Array, cut: number): void {
  scan.reset();
  for (let at = 0; at < input.length; ) {
    const room = scan.room();
    const piece = input.subarray(at, at + Math.min(cut, room.length));
    room.set(piece);
    at += piece.length;
    if (scan.advance(piece.length)) break;
  }
  scan.end();
}

function equal(actual: unknown, expected: unknown, what: string, input: Uint8Array): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got === wanted) return;
  const shown = JSON.stringify(Buffer.from(input).toString('latin1'));
  throw new Error(`${what} on bytes ${shown}: got ${got}, re2js says ${wanted}`);
}
