/**
 * Answers: is this endpoint as a policy says? Evaluates a document of tests on packages, files and their lines.
 *
 * Reads the lists of installed packages and the files that the document names. Returns which tests are true and of what,
 * never what stands in a file; changes nothing.
 */
import { defineModule } from '@mig/module';
import { z } from 'zod';
import { Document } from './document.ts';
import { humanLines, singleLines } from './result-lines.ts';

const Parameters = z.strictObject({
  scribedoc: Document.describe('The policy document, as JSON.').meta({
    flag: 'path',
    fromFile: 'json',
    hint: '<document>',
  }),
  onlytrue: z.boolean().default(false).describe('Return only tests that are true.'),
  humanoutput: z.boolean().default(false).describe('Print each result at length.').meta({ flag: 'human' }),
  jsonoutput: z.boolean().default(false).describe('Print each result as JSON.').meta({ flag: 'json' }),
});
export type Parameters = z.output<typeof Parameters>;

const TestResult = z.strictObject({
  testid: z.string().describe('Identifier of the test'),
  name: z.string().describe('Name for people'),
  description: z.string().describe('What it means'),
  tags: z
    .array(z.strictObject({ key: z.string().describe('Name'), value: z.string().describe('Value') }))
    .describe('Tags of the test'),
  iserror: z.boolean().describe('Whether the test could not be evaluated'),
  error: z.string().describe('Why not; empty otherwise'),
  masterresult: z.boolean().describe('Whether something is true of it, and all tests that it waits for are true'),
  hastrueresults: z.boolean().describe('Whether something is true of it'),
  results: z
    .array(
      z.strictObject({
        result: z.boolean().describe('Whether the test is true of it'),
        identifier: z.string().describe('The package, path or name that was tested'),
      }),
    )
    .describe('What was tested, one by one'),
});
export type TestResult = z.output<typeof TestResult>;

const Elements = z.strictObject({
  results: z.array(TestResult).describe('Results, in the order of the document'),
  humanoutput: z.boolean().describe('As it was asked for'),
  jsonoutput: z.boolean().describe('As it was asked for'),
});
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({ execruntime: z.string().describe('How long it took') });
export type Statistics = z.output<typeof Statistics>;

export const scribe = defineModule({
  name: 'scribe',
  summary: 'Evaluates a policy document: tests on packages, files and their content.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: ['children', 'threads'],
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    { asks: 'Which tests of this policy are true here?', flags: ['-path', 'policy.json'] },
    {
      asks: 'Which vulnerable packages does it have?',
      flags: ['-path', 'vulnerabilities.json', '-onlytrue', '-human'],
    },
  ],

  async run(context) {
    const { evaluate } = await import('./evaluate.ts');
    return evaluate(context);
  },

  *printElements({ results, humanoutput, jsonoutput }) {
    for (const result of results) {
      if (humanoutput) yield* humanLines(result);
      else if (jsonoutput) yield JSON.stringify(result);
      else yield* singleLines(result);
    }
  },

  printStatistics: ({ execruntime }) => [`evaluated in ${execruntime}`],

  enhancePrivacy: (elements) => ({
    ...elements,
    results: elements.results.map((one) => ({
      ...one,
      results: one.results.map(({ result }) => ({ result, identifier: 'masked' })),
    })),
  }),
});
