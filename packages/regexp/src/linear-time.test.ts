import { describe, expect, test } from 'vitest';
import { Automaton, unmarked } from './dfa/automaton.ts';
import { compileProgram } from './program/compile-program.ts';
import { simplify } from './program/simplify.ts';
import { parse } from './syntax/parse.ts';
import { evilPatterns } from './testing/evil-patterns.ts';

/**
 * Time depends on the machine, work does not: it is counted. Each byte takes one look-up, or one step of the whole set
 * of threads, so that the work is at most the input times the program.
 */
describe('work stays in proportion to the input', () => {
  test.each(evilPatterns)('for %s', (pattern, unit) => {
    const program = compileProgram([simplify(parse(pattern))], { lines: true });
    const steps = [1, 2, 4].map((times) => {
      const automaton = new Automaton(program, { lines: true, questions: ['some'], table: new Int32Array(1 << 12) });
      const bytes = Buffer.from(unit.repeat(2000 * times));
      let computed = 0;
      let state = automaton.start;
      const step = automaton.step.bind(automaton);
      automaton.step = (from, byte) => {
        computed++;
        return step(from, byte);
      };
      for (const byte of bytes) state = automaton.take(unmarked(state), byte);
      return computed;
    });
    expect(steps[2]!).toBeLessThanOrEqual(4 * Math.max(steps[0]!, unit.length * 2000));
  });
});
