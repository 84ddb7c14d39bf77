/**
 * Answers: which files do these YARA rules match?
 *
 * Reads the files that a search of the file module finds, and scans them with the rules. Returns paths and names of
 * rules, never what matched; changes nothing.
 */
import { defineModule } from '@mig/module';
import { z } from 'zod';
import { findRuleError } from './engine.ts';
import { readFileSearch } from './file-search.ts';

const Parameters = z.strictObject({
  yara: z
    .string()
    .max(8 * 1024 ** 2)
    .refine((text) => /\brule\s/.test(text), 'expected YARA rules')
    .describe('The rules, as text.')
    .meta({ flag: 'rules', fromFile: 'text', hint: '<file>' }),
  filesearch: z
    .string()
    .max(65_536)
    .superRefine((text, context) => {
      try {
        readFileSearch(text);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        context.addIssue({ code: 'custom', message: `expected flags of the file module: ${reason}` });
      }
    })
    .describe('Flags of the file module, which say what files to scan.')
    .meta({ flag: 'files', hint: "'<file module flags>'" }),
});
export type Parameters = z.output<typeof Parameters>;

const Match = z.strictObject({
  object: z.string().describe('Path of the file'),
  matchedrules: z.array(z.string()).describe('Names of the rules that match it'),
});
export type Match = z.output<typeof Match>;

const Elements = z.strictObject({ matches: z.array(Match).describe('Files that a rule matches, by path') });
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({
  filescount: z.int().describe('Files scanned'),
  bytesscanned: z.int().describe('Bytes scanned'),
  totalhits: z.int().describe('Files that a rule matches'),
  exectime: z.string().describe('How long it took'),
});
export type Statistics = z.output<typeof Statistics>;

export const yara = defineModule({
  name: 'yara',
  summary: 'Scans files with YARA rules.',
  platforms: ['linux'],
  needs: ['addons', 'threads'],
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    {
      asks: 'Does a program match one of these rules?',
      flags: ['-rules', 'malware.yar', '-files', '-path /usr/bin -path /usr/sbin -path /usr/local'],
    },
    {
      asks: 'Is there a web shell among the scripts that changed this week?',
      flags: ['-rules', 'webshells.yar', '-files', "-path /var/www -name '\\.(php|jsp)$' -mtime <7d -size <5m"],
    },
  ],

  /** Where there is an engine, it tells; elsewhere the endpoint does. */
  validateParameters({ yara: rules }) {
    const error = findRuleError(rules);
    if (error !== undefined) throw new Error(`parameter 'yara': expected rules that compile, got an error at ${error}`);
  },

  async run(context) {
    const { scanFiles } = await import('./scan-files.ts');
    return scanFiles(context);
  },

  *printElements({ matches }) {
    for (const { object, matchedrules } of matches) yield `${object} [${matchedrules.join(',')}]`;
  },

  printStatistics: ({ filescount, bytesscanned, totalhits, exectime }) => [
    `${filescount} files and ${bytesscanned} bytes were scanned, ${totalhits} files matched, in ${exectime}`,
  ],

  enhancePrivacy: ({ matches }) => ({ matches: matches.map((match) => ({ ...match, object: 'masked' })) }),
});
