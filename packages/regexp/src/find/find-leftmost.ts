/**
 * The bounds of the leftmost match: threads over characters in order of preference, each with the place where it
 * started. Time is in proportion to the input times the pattern (Pike's simulation).
 */
import type { Assertion, Node } from '../syntax/node.ts';
import { contains, type Ranges } from '../syntax/ranges.ts';
import { characterWidth, codePointAt } from './decode.ts';

/** Byte offsets: the first byte of the match, and the one behind it. */
export interface Match {
  readonly start: number;
  readonly end: number;
}

type Step =
  | { readonly kind: 'class'; readonly ranges: Ranges; readonly next: number }
  | { readonly kind: 'assertion'; readonly assertion: Assertion; readonly next: number }
  | { readonly kind: 'split'; readonly nexts: readonly number[] }
  | { readonly kind: 'match' };

interface Thread {
  readonly step: number;
  readonly start: number;
}

/** Finds the leftmost match of `tree` in `bytes`, the preferred one of those that start there. */
export function findLeftmost(tree: Node, bytes: Uint8Array): Match | undefined {
  const steps: Step[] = [{ kind: 'match' }];
  const first = addSteps(steps, tree, 0);
  let threads: readonly Thread[] = [];
  let best: Match | undefined;
  for (let at = 0; ; ) {
    const waiting = best === undefined ? [...threads, { step: first, start: at }] : threads;
    const isEnd = at >= bytes.length;
    const width = isEnd ? 0 : characterWidth(bytes, at);
    const codePoint = isEnd ? -1 : codePointAt(bytes, at, width);
    const next: Thread[] = [];
    for (const { step, start } of close(steps, waiting, bytes, at)) {
      const current = steps[step]!;
      if (current.kind === 'match') {
        best = { start, end: at };
        break; // Threads behind this one are less preferred.
      }
      if (current.kind === 'class' && contains(current.ranges, codePoint)) next.push({ step: current.next, start });
    }
    if (isEnd || (best !== undefined && next.length === 0)) return best;
    threads = next;
    at += width;
  }
}

/** Adds the steps of `node`, which go on to `next`; gives the first. */
function addSteps(steps: Step[], node: Node, next: number): number {
  const add = (step: Step) => steps.push(step) - 1;
  switch (node.kind) {
    case 'empty':
      return next;
    case 'class':
      return add({ kind: 'class', ranges: node.ranges, next });
    case 'assertion':
      return add({ kind: 'assertion', assertion: node.assertion, next });
    case 'concat':
      return node.parts.reduceRight((following, part) => addSteps(steps, part, following), next);
    case 'alternate':
      return add({ kind: 'split', nexts: node.parts.map((part) => addSteps(steps, part, next)) });
    case 'repeat':
      return addRepeat(steps, node, next);
  }
}

function addRepeat(
  steps: Step[],
  { node, min, max, isGreedy }: Extract<Node, { kind: 'repeat' }>,
  next: number,
): number {
  const choice = (taken: number): Step => ({ kind: 'split', nexts: isGreedy ? [taken, next] : [next, taken] });
  let start = next;
  if (max === Infinity) {
    start = steps.push({ kind: 'split', nexts: [] }) - 1;
    const body = addSteps(steps, node, start);
    steps[start] = choice(body);
    // The last obligatory turn is the loop entered at its body: `(|a)+` tries the body's own preference first. A loop
    // over what can be empty is entered there too, as an option, for the same reason (https://go.dev/issue/46123).
    if (min > 0) return addTimes(steps, node, min - 1, body);
    if (canBeEmpty(node)) start = steps.push(choice(body)) - 1;
  } else {
    for (let i = min; i < max; i++) start = steps.push(choice(addSteps(steps, node, start))) - 1;
  }
  return addTimes(steps, node, min, start);
}

function canBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'empty':
    case 'assertion':
      return true;
    case 'class':
      return false;
    case 'concat':
      return node.parts.every(canBeEmpty);
    case 'alternate':
      return node.parts.some(canBeEmpty);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.node);
  }
}

function addTimes(steps: Step[], node: Node, times: number, next: number): number {
  let start = next;
  for (let i = 0; i < times; i++) start = addSteps(steps, node, start);
  return start;
}

/** The threads that wait for a character or match, in order of preference; each step once. */
function close(steps: readonly Step[], threads: readonly Thread[], bytes: Uint8Array, at: number): Thread[] {
  const seen = new Set<number>();
  const closed: Thread[] = [];
  const waiting = [...threads].reverse();
  for (let thread = waiting.pop(); thread !== undefined; thread = waiting.pop()) {
    if (seen.has(thread.step)) continue;
    seen.add(thread.step);
    const { start } = thread;
    const step = steps[thread.step]!;
    if (step.kind === 'split') for (const next of [...step.nexts].reverse()) waiting.push({ step: next, start });
    else if (step.kind === 'assertion') {
      if (holds(step.assertion, bytes, at)) waiting.push({ step: step.next, start });
    } else closed.push(thread);
  }
  return closed;
}

function holds(assertion: Assertion, bytes: Uint8Array, at: number): boolean {
  switch (assertion) {
    case 'textStart':
      return at === 0;
    case 'textEnd':
      return at === bytes.length;
    case 'lineStart':
      return at === 0 || bytes[at - 1] === 10;
    case 'lineEnd':
      return at === bytes.length || bytes[at] === 10;
    case 'wordBoundary':
      return isWord(bytes[at - 1]) !== isWord(bytes[at]);
    case 'notWordBoundary':
      return isWord(bytes[at - 1]) === isWord(bytes[at]);
  }
}

function isWord(byte: number | undefined): boolean {
  return byte !== undefined && /\w/.test(String.fromCharCode(byte));
}
