/**
 * Which bytes must stand in every match of a pattern: sequences of byte sets, one of which occurs wherever it matches.
 * What cannot be said briefly is left out; a pattern may have no such sequence.
 */

import { byteSequences } from '../program/utf8.ts';
import type { Node } from '../syntax/node.ts';
import { contains } from '../syntax/ranges.ts';
import { shareOf } from './byte-frequency.ts';
import { mostBytes } from './reach.ts';

/** A set of bytes for each place. */
export type Sequence = readonly (readonly number[])[];

/** Most alternatives that are followed, and most places of each. */
const mostSequences = 16;
const longest = 24;

/** What is known of the matches of a node. Undefined: nothing. */
interface Facts {
  /** All matches, when they are few and short. */
  readonly exact?: readonly Sequence[] | undefined;
  /** One of these begins each match; one of these ends it. */
  readonly prefix?: readonly Sequence[] | undefined;
  readonly suffix?: readonly Sequence[] | undefined;
  /** One of these stands somewhere in each match. */
  readonly required?: readonly Sequence[] | undefined;
}

const nothing: readonly Sequence[] = [[]];

/** Stands for the start of a line: the byte before it. */
const behindNewline: readonly number[] = [10];

/** Sequences, and how many bytes of a match stand before one of them at most. */
export interface Required {
  readonly sequences: readonly Sequence[];
  readonly before: number;
}

/** The rarest sequences that stand in every match of `node` (a pattern in line mode), or undefined. */
export function requiredSequences(node: Node): Required | undefined {
  const { exact, prefix, required } = factsOf(node);
  const sequences = rarest([exact, required]);
  if (sequences === undefined) return undefined;
  return { sequences, before: sequences === exact || sequences === prefix ? 0 : mostBytes(node) };
}

/**
 * Sequences each of which stands in every match of `node`: unlike those that are one of several, they can be looked for
 * one by one. What is between them may be anything.
 */
export function certainSequences(node: Node): readonly { readonly sequence: Sequence; readonly before: number }[] {
  const parts = node.kind === 'concat' ? node.parts : [node];
  const found: { sequence: Sequence; before: number }[] = [];
  let current: { sequence: Sequence; before: number } = { sequence: [], before: 0 };
  let before = 0;
  const close = (next: Sequence = []) => {
    if (current.sequence.length > 0) found.push(current);
    current = { sequence: next, before };
  };
  for (const part of parts) {
    const { exact, required } = factsOf(part);
    const joined = exact?.length === 1 ? join(current.sequence, exact[0]!) : undefined;
    if (joined !== undefined && joined.length <= longest) current = { ...current, sequence: joined };
    else close(exact?.length === 1 ? exact[0]!.slice(0, longest) : []);
    before += mostBytes(part);
    if (exact?.length !== 1) {
      if (required?.length === 1) found.push({ sequence: required[0]!, before });
      current = { sequence: [], before };
    }
  }
  close();
  return found;
}

function factsOf(node: Node): Facts {
  switch (node.kind) {
    case 'empty':
      return { exact: nothing };
    case 'class':
      return classFacts(node.ranges);
    case 'assertion': {
      // A line begins behind a newline; the other conditions say nothing about bytes that are worth a search.
      const isStart = node.assertion === 'textStart' || node.assertion === 'lineStart';
      return { exact: isStart ? [[behindNewline]] : nothing };
    }
    case 'concat':
      return concatFacts(node.parts.map(factsOf));
    case 'alternate':
      return alternateFacts(node.parts.map(factsOf));
    case 'repeat':
      return repeatFacts(factsOf(node.node), node.min, node.max);
  }
}

function classFacts(ranges: readonly number[]): Facts {
  if (contains(ranges, 0xfffd)) return {};
  const sequences = byteSequences(ranges);
  const ascii = sequences.filter((sequence) => sequence.length === 1).flatMap(([range]) => bytesOf(range!));
  const single = ascii.filter((byte) => byte !== 10);
  const longer = sequences.filter((sequence) => sequence.length > 1).map((sequence) => sequence.map(bytesOf));
  const all = single.length > 0 ? [[single], ...longer] : longer;
  return all.length > 0 && all.length <= 4 ? { exact: all } : {};
}

function bytesOf([low, high]: readonly [number, number]): number[] {
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
}

function concatFacts(parts: readonly Facts[]): Facts {
  let current: readonly Sequence[] = nothing;
  let prefix: readonly Sequence[] | undefined;
  const found: (readonly Sequence[] | undefined)[] = [];
  for (const part of parts) {
    const joined = part.exact === undefined ? undefined : product(current, part.exact);
    if (joined !== undefined) {
      current = joined;
      continue;
    }
    const reached = product(current, part.prefix ?? part.exact ?? nothing) ?? current;
    prefix ??= reached;
    found.push(reached, part.required);
    current = part.exact ?? part.suffix ?? nothing;
  }
  if (prefix === undefined) return { exact: current };
  return { prefix, suffix: current, required: rarest([...found, current]) };
}

function alternateFacts(parts: readonly Facts[]): Facts {
  return {
    exact: union(parts.map(({ exact }) => exact)),
    prefix: union(parts.map(({ exact, prefix }) => exact ?? prefix)),
    suffix: union(parts.map(({ exact, suffix }) => exact ?? suffix)),
    required: union(
      parts.map(({ exact, required }) => rarest([exact, required])),
      4 * mostSequences,
    ),
  };
}

function repeatFacts(part: Facts, min: number, max: number): Facts {
  if (min === 0) {
    const optional = max === 1 && part.exact !== undefined ? union([nothing, part.exact]) : undefined;
    return optional === undefined ? {} : { exact: optional };
  }
  let times: readonly Sequence[] | undefined = part.exact;
  for (let i = 1; i < min && times !== undefined && part.exact !== undefined; i++) {
    const more = product(times, part.exact);
    if (more === undefined) return { prefix: times, suffix: times, required: rarest([times]) };
    times = more;
  }
  if (times !== undefined && min === max) return { exact: times };
  return {
    prefix: times ?? part.prefix,
    suffix: times ?? part.suffix,
    required: rarest([times, part.required]),
  };
}

/** Each of `left` followed by each of `right`; undefined when that grows too large, or cannot be said. */
function product(left: readonly Sequence[], right: readonly Sequence[]): readonly Sequence[] | undefined {
  if (left.length * right.length > mostSequences) return undefined;
  const joined = left.flatMap((first) => right.map((second) => join(first, second)));
  return joined.some((sequence) => sequence === undefined || sequence.length > longest)
    ? undefined
    : (joined as Sequence[]);
}

/** The newline before a line takes no place of its own: two starts of a line in a row are one, and none follows a byte. */
function join(first: Sequence, second: Sequence): Sequence | undefined {
  if (second[0] !== behindNewline || first.length === 0) return [...first, ...second];
  return first.length === 1 && first[0] === behindNewline ? second : undefined;
}

function union(
  parts: readonly (readonly Sequence[] | undefined)[],
  most = mostSequences,
): readonly Sequence[] | undefined {
  const all = parts.flatMap((part) => part ?? []);
  return parts.includes(undefined) || all.length > most ? undefined : all;
}

/** The candidate whose sequences are least likely to stand anywhere. */
function rarest(candidates: readonly (readonly Sequence[] | undefined)[]): readonly Sequence[] | undefined {
  let best: readonly Sequence[] | undefined;
  for (const candidate of candidates) {
    if (candidate === undefined || candidate.length === 0 || candidate.some((sequence) => sequence.length === 0))
      continue;
    if (best === undefined || likelihood(candidate) < likelihood(best)) best = candidate;
  }
  return best;
}

function likelihood(sequences: readonly Sequence[]): number {
  return sequences.reduce((sum, sequence) => sum + bestFingerprint(sequence).likelihood, 0);
}

/** Places that a fingerprint covers. */
export const fingerprintLength = 3;

export interface Fingerprint {
  /** A set of bytes for each of the three places. */
  readonly places: Sequence;
  /** How likely it stands at a place of the input. */
  readonly likelihood: number;
  /** Where it stands in its sequence. */
  readonly at: number;
}

const anyByte: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte);

/** The rarest three places in a row of `sequence`; where it is shorter, the rest may be anything. */
export function bestFingerprint(sequence: Sequence): Fingerprint {
  let best: Fingerprint | undefined;
  for (let at = 0; at === 0 || at + fingerprintLength <= sequence.length; at++) {
    const places = Array.from({ length: fingerprintLength }, (_, i) => sequence[at + i] ?? anyByte);
    const likely = fingerprintLikelihood(places);
    if (best === undefined || likely < best.likelihood) best = { places, likelihood: likely, at };
  }
  return best!;
}

export function fingerprintLikelihood(places: Sequence): number {
  return places.reduce((share, set) => share * shareOf(set), 1);
}
