/** Searches whose questions about a file's content are answered in one reading: one scan for all their patterns. */
import { compileSet, type Question, type Scan } from '@mig/regexp';
import type { Hashes, Reading } from './content-reader.ts';
import type { ContentFilter, SearchPlan } from './search-plan.ts';

/** Instructions that the patterns of a group may compile to: some hundred patterns of the largest kind. */
const maxProgramSize = 1_000_000;

export class ContentGroup implements Reading {
  readonly plans: readonly SearchPlan[];
  readonly scan: Scan | undefined;
  readonly algorithms: readonly string[];
  /** Some search of it looks into gzip files; and some does not. */
  readonly inflates: boolean;
  readonly isMixed: boolean;
  /** No search of it takes a file in which no pattern matches. */
  readonly rejectsUnmatched: boolean;
  /** Where the pattern of each filter stands in the scan. */
  readonly #slots = new Map<ContentFilter, number>();

  /** Throws when the patterns are too large together. */
  constructor(plans: readonly SearchPlan[]) {
    this.plans = plans;
    this.algorithms = [...new Set(plans.flatMap(({ hashes }) => hashes.map(({ algorithm }) => algorithm)))];
    this.inflates = plans.some(({ options }) => options.decompress);
    this.isMixed = this.inflates && plans.some(({ options }) => !options.decompress);
    const patterns: string[] = [];
    const questions: Question[] = [];
    for (const filter of plans.flatMap(({ contents }) => contents)) {
      const question: Question = filter.isForEveryLine ? 'every' : 'some';
      let slot = patterns.findIndex((pattern, i) => pattern === filter.pattern && questions[i] === question);
      if (slot < 0) {
        slot = patterns.push(filter.pattern) - 1;
        questions.push(question);
      }
      this.#slots.set(filter, slot);
    }
    this.scan = patterns.length > 0 ? compileSet(patterns, { maxProgramSize }).scan(questions) : undefined;
    this.rejectsUnmatched =
      this.algorithms.length === 0 &&
      plans.every((plan) => (plan.options.matchall ? !this.passesAll(plan, {}) : this.passing(plan, {}).length === 0));
  }

  /** After a reading: whether the file passes all filters of `plan` on content and hashes. */
  passesAll(plan: SearchPlan, hashes: Hashes): boolean {
    const { options, contents } = plan;
    // Lines that do not conform to some regexp: one such line of any of them is enough.
    const wantsMisfits = options.macroal && options.mismatch.includes('content') && contents.length > 0;
    const areContentsMet = wantsMisfits
      ? contents.some((filter) => this.#passesContent(filter))
      : contents.every((filter) => this.#passesContent(filter));
    return (
      areContentsMet &&
      plan.hashes.every((filter) => (hashes[filter.algorithm] === filter.digest) !== filter.isInverted)
    );
  }

  /** After a reading: the numbers of the filters of `plan` on content and hashes that the file passes. */
  passing({ contents, hashes: wanted }: SearchPlan, hashes: Hashes): number[] {
    const sums = wanted.filter(({ algorithm, digest, isInverted }) => (hashes[algorithm] === digest) !== isInverted);
    return [...contents.filter((filter) => this.#passesContent(filter)), ...sums].map(({ number }) => number);
  }

  #passesContent(filter: ContentFilter): boolean {
    const slot = this.#slots.get(filter)!;
    const matches = filter.isForEveryLine ? this.scan!.missed[slot] === 0 : this.scan!.matched[slot] === 1;
    return matches !== (filter.isNegated !== filter.isInverted);
  }
}
