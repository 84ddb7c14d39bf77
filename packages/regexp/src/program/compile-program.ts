/** Turns syntax trees into a program, from the end of each pattern to its start, so that equal tails are shared. */
import type { Assertion, Node } from '../syntax/node.ts';
import { contains, everything, type Ranges } from '../syntax/ranges.ts';
import type { Instruction, Program } from './program.ts';
import { type ByteSequence, byteSequences } from './utf8.ts';

export interface CompileOptions {
  /** Most instructions. Default 100,000. */
  readonly maxProgramSize?: number;
  /** A text is one line: `^`, `$`, `\A` and `\z` mean its ends, whatever the flags. */
  readonly lines: boolean;
}

/** Code point that stands for a byte that is not valid UTF-8. */
const replacement = 0xfffd;

/** Compiles `patterns`. Throws an Error when they are larger than a program may be. */
export function compileProgram(
  patterns: readonly Node[],
  { lines, maxProgramSize = 100_000 }: CompileOptions,
): Program {
  const compiler = new Compiler(lines, maxProgramSize);
  const starts = patterns.map((node, pattern) => compiler.compile(node, compiler.add({ kind: 'match', pattern })));
  const search = compiler.add({ kind: 'split', nexts: [] });
  // In the middle of a character an invalid byte may be seen where there is none, and a place between no words.
  const searchStep =
    compiler.hasInvalid || compiler.assertions.has('notWordBoundary')
      ? compiler.compile({ kind: 'class', ranges: everything }, search)
      : compiler.add({ kind: 'bytes', ranges: [0, 255, search] });
  return {
    instructions: compiler.instructions,
    starts,
    search,
    searchStep,
    isAnchored: patterns.map((node) => beginsAtTextStart(node, lines)),
    assertions: compiler.assertions,
    hasInvalid: compiler.hasInvalid,
  };
}

function beginsAtTextStart(node: Node, lines: boolean): boolean {
  switch (node.kind) {
    case 'assertion':
      return node.assertion === 'textStart' || (lines && node.assertion === 'lineStart');
    case 'concat':
      return node.parts.length > 0 && beginsAtTextStart(node.parts[0]!, lines);
    case 'alternate':
      return node.parts.every((part) => beginsAtTextStart(part, lines));
    case 'repeat':
      return node.min > 0 && beginsAtTextStart(node.node, lines);
    default:
      return false;
  }
}

class Compiler {
  readonly instructions: Instruction[] = [];
  readonly assertions = new Set<Assertion>();
  hasInvalid = false;
  readonly #lines: boolean;
  readonly #most: number;
  /** Instructions by what they do, to share them. */
  readonly #known = new Map<string, number>();

  constructor(lines: boolean, most: number) {
    this.#lines = lines;
    this.#most = most;
  }

  add(instruction: Instruction): number {
    if (this.instructions.length >= this.#most) {
      throw new Error(
        `the regular expressions compile to more than ${this.#most} instructions: use smaller counts or classes`,
      );
    }
    this.instructions.push(instruction);
    return this.instructions.length - 1;
  }

  /** Compiles `node` so that what follows it is `next`; gives its first instruction. */
  compile(node: Node, next: number): number {
    switch (node.kind) {
      case 'empty':
        return next;
      case 'class':
        return this.#compileClass(node.ranges, next);
      case 'assertion':
        return this.#compileAssertion(node.assertion, next);
      case 'concat':
        return node.parts.reduceRight((following, part) => this.compile(part, following), next);
      case 'alternate':
        return this.add({ kind: 'split', nexts: node.parts.map((part) => this.compile(part, next)) });
      case 'repeat':
        return this.#compileRepeat(node, next);
    }
  }

  #compileAssertion(given: Assertion, next: number): number {
    const inLines = given === 'lineStart' ? 'textStart' : given === 'lineEnd' ? 'textEnd' : given;
    const assertion = this.#lines ? inLines : given;
    this.assertions.add(assertion);
    return this.add({ kind: 'assertion', assertion, next });
  }

  #compileRepeat({ node, min, max, isGreedy }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    let start = next;
    if (max === Infinity) start = this.#compileLoop(node, isGreedy, next);
    else {
      for (let i = min; i < max; i++) {
        const taken = this.compile(node, start);
        start = this.add({ kind: 'split', nexts: isGreedy ? [taken, next] : [next, taken] });
      }
    }
    for (let i = 0; i < min; i++) start = this.compile(node, start);
    return start;
  }

  #compileLoop(node: Node, isGreedy: boolean, next: number): number {
    const loop = this.add({ kind: 'split', nexts: [] });
    const body = this.compile(node, loop);
    this.instructions[loop] = { kind: 'split', nexts: isGreedy ? [body, next] : [next, body] };
    return loop;
  }

  #compileClass(ranges: Ranges, next: number): number {
    return this.#share(`${ranges.join()}>${next}`, () => {
      const bytes = this.#compileSequences(byteSequences(ranges), next);
      if (!contains(ranges, replacement)) return bytes;
      this.hasInvalid = true;
      return this.add({ kind: 'split', nexts: [bytes, this.add({ kind: 'invalid', next })] });
    });
  }

  /** Sequences that share a lead byte share its edge. */
  #compileSequences(sequences: readonly ByteSequence[], next: number): number {
    const ranges: number[] = [];
    for (let from = 0; from < sequences.length; ) {
      const [low, high] = sequences[from]![0]!;
      let to = from + 1;
      while (to < sequences.length && sequences[to]![0]![0] === low) to++;
      const rest = sequences.slice(from, to).map((sequence) => sequence.slice(1));
      const target = rest[0]!.length === 0 ? next : this.#compileSequences(rest, next);
      const last = ranges.length - 3;
      if (last >= 0 && ranges[last + 1] === low - 1 && ranges[last + 2] === target) ranges[last + 1] = high;
      else ranges.push(low, high, target);
      from = to;
    }
    return this.#share(`b${ranges.join()}`, () => this.add({ kind: 'bytes', ranges }));
  }

  #share(key: string, make: () => number): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }
}
