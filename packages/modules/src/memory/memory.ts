/**
 * Answers: which processes run an executable, map a library, or hold a pattern or a byte string in their memory?
 *
 * Reads the kernel's list of processes, their mappings, and the memory of the processes that the cheaper filters left
 * over. Never stops a process, never writes to one, and never returns what it read.
 */
import { defineModule, searchFlags } from '@mig/module';
import { z } from 'zod';
import { RegexpParameter } from '../regexp-parameter.ts';

const HexString = z
  .string()
  .max(4096)
  .regex(/^(?:[0-9a-f]{2})+$/i, "expected whole bytes in hexadecimal, such as 'ff00d1ab'");

const Options = z
  .strictObject({
    offset: z
      .int()
      .min(0)
      .default(0)
      .describe('Memory address at which the scan of a process starts.')
      .meta({ hint: '<address>' }),
    maxlength: z
      .int()
      .min(0)
      .default(0)
      .describe('Stop after this many bytes of a process; 0 reads all of it.')
      .meta({ hint: '<bytes>' }),
    logfailures: z
      .boolean()
      .default(false)
      .describe('Return each failure to read a part of memory; there are usually some.'),
    matchall: z
      .boolean()
      .default(false)
      .describe(
        'All filters must match a process, as they must with flags unless matchany is one of them; else each filter stands alone.',
      )
      .meta({ opposite: 'matchany' }),
  })
  .prefault({});

const Search = z.strictObject({
  description: z.string().max(1024).optional().describe('What the search is for.').meta({ noFlag: true }),
  names: z
    .array(RegexpParameter)
    .default([])
    .describe('Regular expression on the path of the executable.')
    .meta({ flag: 'name', hint: '<regexp>' }),
  libraries: z
    .array(RegexpParameter)
    .default([])
    .describe('Regular expression on the paths of libraries that the process maps.')
    .meta({ flag: 'lib', hint: '<regexp>' }),
  contents: z
    .array(RegexpParameter)
    .default([])
    .describe('Regular expression on the memory of the process.')
    .meta({ flag: 'content', hint: '<regexp>' }),
  bytes: z
    .array(HexString)
    .default([])
    .describe('Byte string in the memory of the process, in hexadecimal.')
    .meta({ hint: '<hex>' }),
  options: Options.describe('How filters combine, and which part of memory is read.'),
});
export type Search = z.output<typeof Search>;

const FilteredSearch = Search.refine(
  ({ names, libraries, contents, bytes }) => names.length + libraries.length + contents.length + bytes.length > 0,
  'expected at least one of names, libraries, contents and bytes',
);

const Label = z.string().regex(/^[\w-]{1,64}$/, 'expected 1 to 64 letters, digits, _ or -');

const Parameters = z.strictObject({
  searches: z
    .record(Label, FilteredSearch)
    .refine((searches) => Object.keys(searches).length > 0, 'expected at least one search')
    .describe('Searches by label.'),
});
export type Parameters = z.output<typeof Parameters>;

const Match = z.strictObject({
  process: z
    .strictObject({
      name: z.string().describe('Path of the executable'),
      pid: z.int().describe('Process identifier'),
    })
    .describe('The process that matched'),
  search: Search.describe('The filters that matched, and the options of the search'),
});
export type Match = z.output<typeof Match>;

const Elements = z.record(z.string(), z.array(Match));
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({
  processcount: z.int().describe('Processes examined'),
  memoryread: z.int().describe('Bytes of memory read'),
  totalhits: z.int().describe('Elements returned'),
  failures: z.array(z.string()).optional().describe('Parts of memory that could not be read, with logfailures'),
  exectime: z.string().describe('How long the search took'),
});
export type Statistics = z.output<typeof Statistics>;

export const memory = defineModule({
  name: 'memory',
  summary: 'Finds processes by executable, mapped libraries, and patterns or byte strings in their memory.',
  platforms: ['linux'],
  needs: [],
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    {
      asks: 'Which processes still run the OpenSSL library that was replaced on disk?',
      flags: ['-lib', 'libssl\\.so\\.[0-9.]+ \\(deleted\\)$'],
    },
    {
      asks: 'Does a web server hold this address of a command and control server?',
      flags: ['-name', '/(nginx|apache2|httpd)$', '-content', 'https?://c2\\.example\\.net[/:]'],
    },
    {
      asks: 'Which process holds these bytes, which are the word beacon in UTF-16?',
      flags: ['-bytes', '62006500610063006f006e00'],
    },
  ],
  flags: searchFlags(Search, { options: { matchall: true } }),

  async run(context) {
    const { scanProcesses } = await import('./scan-processes.ts');
    return scanProcesses(context);
  },

  *printElements(elements) {
    for (const [label, matches] of Object.entries(elements)) {
      for (const { process, search } of matches) {
        yield `${process.name} [pid:${process.pid}] ${matched(search)}in search '${label}'`;
      }
    }
  },

  *printStatistics({ processcount, memoryread, totalhits, failures = [], exectime }) {
    yield `${processcount} processes examined, ${memoryread} bytes of memory read, ${totalhits} hits, in ${exectime}`;
    for (const failure of failures) yield failure;
  },

  enhancePrivacy: (elements) =>
    Object.fromEntries(
      Object.entries(elements).map(([label, matches]) => [
        label,
        matches.map((match) => ({ ...match, process: { ...match.process, name: 'masked' } })),
      ]),
    ),
});

/** The one filter that matched, where filters stand alone. */
function matched({ options, names, libraries, contents, bytes }: Search): string {
  if (options.matchall) return '';
  const parts = { name: names, lib: libraries, content: contents, bytes };
  return Object.entries(parts)
    .flatMap(([name, values]) => values.map((value) => `matching ${name} '${value}' `))
    .join('');
}
