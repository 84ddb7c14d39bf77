/**
 * Answers: which processes run under this name, path, user or command line, or from a program that was deleted?
 *
 * Reads /proc. The command line is matched, and never returned: it may hold secrets. Changes nothing.
 */
import { defineModule, searchFlags } from '@mig/module';
import { z } from 'zod';
import { RegexpParameter } from '../regexp-parameter.ts';

const regexps = (description: string, flag: string) =>
  z.array(RegexpParameter).default([]).describe(description).meta({ flag, hint: '<regexp>' });

const Search = z
  .strictObject({
    names: regexps('Regular expression on the name of the process.', 'name'),
    paths: regexps('Regular expression on the path of the executable.', 'path'),
    cmdlines: regexps(
      'Regular expression on the command line, arguments joined by spaces; it is never returned.',
      'cmdline',
    ),
    users: regexps('Regular expression on the name of the user it runs as, or the number of one without name.', 'user'),
    ppids: z
      .array(z.int().min(0))
      .default([])
      .describe('Number of the parent process.')
      .meta({ flag: 'ppid', hint: '<number>' }),
    sha256: z
      .array(
        z
          .string()
          .regex(/^[0-9a-fA-F]{64}$/, 'expected a SHA256 of 64 hexadecimal digits')
          .toLowerCase(),
      )
      .default([])
      .describe('SHA256 of the executable.')
      .meta({ hint: '<hash>' }),
    deleted: z.boolean().optional().describe('Whether the executable was removed from disk.'),
    options: z
      .strictObject({
        matchall: z
          .boolean()
          .default(false)
          .describe(
            'A process must match all filters, as it must with flags unless matchany is one of them. Otherwise one is enough.',
          )
          .meta({ opposite: 'matchany' }),
      })
      .prefault({})
      .describe('How to search.'),
  })
  .refine(
    ({ options, deleted, ...lists }) => deleted !== undefined || Object.values(lists).some((list) => list.length > 0),
    'expected at least one filter',
  );
export type Search = z.output<typeof Search>;

const Parameters = z.strictObject({
  searches: z
    .record(z.string().regex(/^.{1,64}$/s, 'expected a label of 1 to 64 characters'), Search)
    .refine((searches) => Object.keys(searches).length > 0, 'expected at least one search')
    .describe('Searches by label.'),
});
export type Parameters = z.output<typeof Parameters>;

const Process = z.strictObject({
  pid: z.int().describe('Number of the process'),
  ppid: z.int().describe('Number of its parent'),
  name: z.string().describe('Name of the process, as it calls itself: mostly the first 15 bytes of its program'),
  path: z.string().describe('Path of the executable; empty for a thread of the kernel, or where it may not be read'),
  user: z.string().describe('User whose rights it has: a name, or the number of one without name'),
  starttime: z.string().describe('When it started, RFC 3339 in UTC'),
  sha256: z.string().optional().describe('SHA256 of the executable, when a search asks for one'),
  deleted: z.boolean().describe('Whether the executable was removed from disk'),
});
export type Process = z.output<typeof Process>;

const Elements = z.record(z.string(), z.array(Process));
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({
  processcount: z.int().describe('Processes that were looked at'),
  totalhits: z.int().describe('Matches found'),
  exectime: z.string().describe('Duration of the search'),
});
export type Statistics = z.output<typeof Statistics>;

export const process = defineModule({
  name: 'process',
  summary: 'Finds processes by name, executable, command line, user, parent or hash.',
  platforms: ['linux'],
  needs: [],
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  flags: searchFlags(Search, { options: { matchall: true } }),
  examples: [
    { asks: 'Does a process run whose program was deleted from disk?', flags: ['-deleted'] },
    { asks: 'Which shells run as root?', flags: ['-path', '/(ba|da|z)?sh$', '-user', '^root$'] },
    { asks: 'Does anything run from a world-writable directory?', flags: ['-path', '^(/tmp|/var/tmp|/dev/shm)/'] },
  ],

  /** No process has two parents, or two executables: with matchall that would find nothing, and not say why. */
  validateParameters({ searches }) {
    for (const [label, search] of Object.entries(searches)) {
      for (const filter of ['ppids', 'sha256'] as const) {
        const count = new Set<unknown>(search[filter]).size;
        if (search.options.matchall && count > 1) {
          throw new Error(
            `parameter 'searches.${label}.${filter}': expected one with matchall, got ${count}: use matchany to find any of them`,
          );
        }
      }
    }
  },

  async run(context) {
    const { findProcesses } = await import('./find-processes.ts');
    return findProcesses(context);
  },

  *printElements(elements) {
    for (const [label, processes] of Object.entries(elements)) {
      for (const { pid, ppid, name, path, user, starttime, sha256, deleted } of processes) {
        const hash = sha256 === undefined ? '' : `, sha256:${sha256}`;
        yield `${name} [pid:${pid}, ppid:${ppid}, path:${path}${deleted ? ' (deleted)' : ''}, user:${user}, started:${starttime}${hash}] in search '${label}'`;
      }
    }
  },

  printStatistics: ({ processcount, totalhits, exectime }) => [
    `${processcount} processes were looked at, ${totalhits} matched, in ${exectime}`,
  ],

  enhancePrivacy: (elements) =>
    Object.fromEntries(
      Object.entries(elements).map(([label, processes]) => [
        label,
        processes.map((one) => ({ ...one, name: 'masked', path: 'masked', user: 'masked' })),
      ]),
    ),
});
