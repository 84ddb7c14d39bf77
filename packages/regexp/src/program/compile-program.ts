/** Turns syntax trees into a program, from the end of each pattern to its start, so that equal tails are shared. */
import type { Assertion, Node } from '../syntax/node.ts';
import { everything, type Ranges } from '../syntax/ranges.ts';
import { type ClassTemplate, classTemplate, exit } from './class-template.ts';
import type { Instruction, Program } from './program.ts';
import { defaultProgramSize, requireSmall } from './program-size.ts';

export interface CompileOptions {
  /** Most instructions. Default 100,000. */
  readonly maxProgramSize?: number;
  /** A text is one line: `^`, `$`, `\A` and `\z` mean its ends, whatever the flags. */
  readonly lines: boolean;
}

/** Compiles `patterns`. Throws an Error when they are larger than a program may be. */
export function compileProgram(
  patterns: readonly Node[],
  { lines, maxProgramSize = defaultProgramSize }: CompileOptions,
): Program {
  requireSmall(patterns, maxProgramSize);
  const compiler = new Compiler(lines);
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
  /** Where each class stands already, by what follows it. */
  readonly #classes = new Map<ClassTemplate, Map<number, number>>();

  constructor(lines: boolean) {
    this.#lines = lines;
  }

  add(instruction: Instruction): number {
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
    const template = classTemplate(ranges);
    const places = this.#classes.get(template) ?? new Map<number, number>();
    this.#classes.set(template, places);
    const place = places.get(next) ?? this.#copyClass(template, next);
    places.set(next, place);
    return place;
  }

  #copyClass({ nodes, holdsInvalid }: ClassTemplate, next: number): number {
    const base = this.instructions.length;
    for (const node of nodes) {
      const ranges = node.map((value, i) => (i % 3 !== 2 ? value : value === exit ? next : base + value));
      this.add({ kind: 'bytes', ranges });
    }
    const entry = this.instructions.length - 1;
    if (!holdsInvalid) return entry;
    this.hasInvalid = true;
    return this.add({ kind: 'split', nexts: [entry, this.add({ kind: 'invalid', next })] });
  }
}
