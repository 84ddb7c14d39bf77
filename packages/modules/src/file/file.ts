/**
 * Answers: which files have this name, size, mode, age, content or hash?
 *
 * Walks directories and reads the files that a search needs to read. Opens nothing but regular files, changes nothing,
 * and returns names, sizes, modes, times and hashes, never content.
 */
import { defineModule, searchFlags } from '@mig/module';
import { z } from 'zod';
import { Parameters, Search } from './file-parameters.ts';

const Hit = z.strictObject({
  file: z.string().describe('Path of the file; bytes that are not UTF-8 are written \\xNN'),
  search: z
    .strictObject({
      paths: z.array(z.string()).describe('Paths that were searched'),
      names: z.array(z.string()).optional().describe('Name filters that matched'),
      sizes: z.array(z.string()).optional().describe('Size filters that matched'),
      modes: z.array(z.string()).optional().describe('Mode filters that matched'),
      mtimes: z.array(z.string()).optional().describe('Age filters that matched'),
      contents: z.array(z.string()).optional().describe('Content filters that matched'),
      md5: z.array(z.string()).optional().describe('MD5 filters that matched'),
      sha1: z.array(z.string()).optional().describe('SHA1 filters that matched'),
      sha2: z.array(z.string()).optional().describe('SHA2 filters that matched'),
      sha3: z.array(z.string()).optional().describe('SHA3 filters that matched'),
      options: z.record(z.string(), z.unknown()).describe('Options of the search'),
    })
    .describe('The filters that the file matched'),
  fileinfo: z
    .strictObject({
      size: z.number().optional().describe('Size in bytes'),
      mode: z.string().optional().describe('Mode as Go writes it'),
      lastmodified: z.string().optional().describe('Time of the last change, RFC 3339 in UTC'),
    })
    .describe('Metadata'),
  sha256: z.string().optional().describe('SHA256 of the content, when it was asked for'),
});
export type Hit = z.output<typeof Hit>;

const Elements = z.record(z.string(), z.array(Hit));
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({
  filescount: z.int().describe('Files that were looked at'),
  openfailed: z.int().describe('Files and directories that could not be opened'),
  totalhits: z.int().describe('Matches found, those over a limit included'),
  exectime: z.string().describe('Duration of the search'),
});
export type Statistics = z.output<typeof Statistics>;

export const file = defineModule({
  name: 'file',
  summary: 'Finds files by name, size, mode, age, content or hash.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: ['threads'],
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  flags: searchFlags(Search, { options: { matchall: true, maxdepth: 1000, matchlimit: 1000, maxerrors: 30 } }),
  examples: [
    { asks: 'Which files in /etc changed in the last day?', flags: ['-path', '/etc', '-mtime', '<1d'] },
    {
      asks: 'Where does a configuration file hold a password in clear?',
      flags: ['-path', '/etc', '-content', '(?i)^\\s*password\\s*[=:]\\s*\\S+'],
    },
    {
      asks: 'Which programs run with the rights of their owner (setuid)?',
      flags: ['-path', '/usr/bin', '-path', '/usr/sbin', '-mode', '^u', '-returnsha256'],
    },
    {
      asks: 'Is this file anywhere, by its SHA256?',
      flags: ['-path', '/usr/local', '-sha2', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    },
  ],

  /** Several hashes of one kind cannot all be a file's: with matchall that would find nothing, and not say why. */
  validateParameters({ searches }) {
    for (const [label, search] of Object.entries(searches)) {
      for (const kind of ['md5', 'sha1', 'sha2', 'sha3'] as const) {
        const values = new Set(search[kind].map((value) => value.toLowerCase()));
        const lengths = new Set([...values].map((value) => value.length));
        if (search.options.matchall && !search.options.mismatch.includes(kind) && values.size > lengths.size) {
          throw new Error(
            `parameter 'searches.${label}.${kind}': expected one ${kind} of a length with matchall, got ${values.size}: use matchany to find any of them`,
          );
        }
      }
    }
  },

  async run(context) {
    const { runSearches } = await import('./run-searches.ts');
    return runSearches(context);
  },

  *printElements(elements) {
    for (const [label, hits] of Object.entries(elements)) {
      for (const { file, fileinfo, sha256 } of hits) {
        const { lastmodified, mode, size } = fileinfo;
        const info = size === undefined ? '' : ` [lastmodified:${lastmodified}, mode:${mode}, size:${size}]`;
        const hash = sha256 === undefined ? '' : `, sha256:${sha256}`;
        yield `${file}${info} in search '${label}'${hash}`;
      }
    }
  },

  *printStatistics({ filescount, openfailed, totalhits, exectime }) {
    yield `${filescount} files were looked at, ${openfailed} could not be opened, ${totalhits} matched, in ${exectime}`;
  },

  enhancePrivacy: (elements) =>
    Object.fromEntries(
      Object.entries(elements).map(([label, hits]) => [
        label,
        hits.map(({ search }) => ({
          file: 'masked',
          search: { ...search, paths: search.paths.map(() => 'masked') },
          fileinfo: {},
        })),
      ]),
    ),
});
