/** The parameters of the file module: searches by label. */
import { z } from 'zod';
import { ContentPattern, RegexpParameter } from '../regexp-parameter.ts';
import { parseAge, parseSizeFilter } from './quantities.ts';

/** The filters that a search can have, by the name that `mismatch` gives them. */
export const filterNames = ['name', 'size', 'mode', 'mtime', 'content', 'md5', 'sha1', 'sha2', 'sha3'] as const;
export type FilterName = (typeof filterNames)[number];

const list = <T extends z.ZodType>(element: T) => z.array(element).default([]);
const hash = (lengths: readonly number[], name: string) =>
  z
    .string()
    .regex(/^[0-9a-fA-F]*$/, `expected a ${name} in hexadecimal`)
    .refine((text) => lengths.includes(text.length), `expected a ${name} of ${lengths.join(', ')} hexadecimal digits`);
const limit = (description: string) => z.int().min(0).default(0).describe(description).meta({ hint: '<number>' });
const flag = (description: string) => z.boolean().default(false).describe(description);

export const Options = z.strictObject({
  maxdepth: limit('Levels to go down from each path; 0 for no limit.'),
  matchall: flag('A file must match all filters. Otherwise each filter stands alone.').meta({ opposite: 'matchany' }),
  macroal: flag('Every line of a file must match every content filter.'),
  mismatch: list(z.enum(filterNames))
    .describe('Inverts this filter.')
    .meta({ hint: `<${filterNames.join('|')}>` }),
  matchlimit: limit('Most matches to return; 0 for no limit.'),
  maxerrors: limit('Most soft errors to return; 0 for no limit.'),
  returnsha256: flag('Return the SHA256 of the files that match.'),
  decompress: flag('Look into gzip files.'),
  remotefs: flag('Go into network and pseudo file systems as well.'),
});
export type Options = z.output<typeof Options>;

export const Search = z.strictObject({
  description: z.string().max(1024).optional().describe('What the search is for.').meta({ noFlag: true }),
  paths: z
    .array(z.string().min(1))
    .min(1)
    .describe('A directory to walk, or a file.')
    .meta({ flag: 'path', hint: '<path>' }),
  names: list(RegexpParameter)
    .describe('Regular expression on the base name.')
    .meta({ flag: 'name', hint: '<regexp>' }),
  sizes: list(
    z.string().refine((text) => parseSizeFilter(text) !== undefined, "expected a size such as '<10m', '>500' or '4k'"),
  )
    .describe('Size: <10m at most, >500 at least, 4k exactly; k m g t are powers of 1024.')
    .meta({ flag: 'size', hint: '<size>' }),
  modes: list(RegexpParameter)
    .describe(
      'Regular expression on the mode (-rw-r--r--, urwxr-xr-x, drwxr-xr-x); directories and special files count too.',
    )
    .meta({ flag: 'mode', hint: '<regexp>' }),
  mtimes: list(z.string().refine((text) => parseAge(text) !== undefined, "expected an age such as '<90d' or '>5h'"))
    .describe('Last change: <90d since, >5h before; d h m for days, hours, minutes.')
    .meta({ flag: 'mtime', hint: '<age>' }),
  contents: list(ContentPattern)
    .describe('Regular expression on a line; !regexp: no line matches.')
    .meta({ flag: 'content', hint: '<regexp>' }),
  md5: list(hash([32], 'MD5'))
    .describe('MD5 of the content.')
    .meta({ hint: '<hash>' }),
  sha1: list(hash([40], 'SHA1'))
    .describe('SHA1 of the content.')
    .meta({ hint: '<hash>' }),
  sha2: list(hash([64, 96, 128], 'SHA2'))
    .describe('SHA256, 384 or 512 of the content, by length.')
    .meta({ hint: '<hash>' }),
  sha3: list(hash([56, 64, 96, 128], 'SHA3'))
    .describe('SHA3-224, 256, 384 or 512 of the content, by length.')
    .meta({ hint: '<hash>' }),
  options: Options.prefault({}).describe('How to search.'),
});
export type Search = z.output<typeof Search>;

export const Parameters = z.strictObject({
  searches: z
    .record(z.string().regex(/^.{1,64}$/s, 'expected a label of 1 to 64 characters'), Search)
    .refine((searches) => Object.keys(searches).length > 0, 'expected at least one search')
    .describe('Searches by label.'),
});
export type Parameters = z.output<typeof Parameters>;
