/**
 * Answers: which packages are installed, and in which version?
 *
 * Reads the package databases of the endpoint (dpkg, apk, pacman, brew, snap), and asks rpm where there is one. Changes
 * nothing.
 */
import { defineModule } from '@mig/module';
import { z } from 'zod';
import { RegexpParameter } from '../regexp-parameter.ts';

/** No version begins like this, so that such a pattern would find nothing, wherever it is asked. */
const comparison = /^[<>]=?\s*(?=\d)/;

const Parameters = z.strictObject({
  pkgmatch: z
    .strictObject({
      matches: z
        .array(RegexpParameter)
        .min(1)
        .describe('Regular expression on the name of a package.')
        .meta({ flag: 'name', hint: '<regexp>' }),
    })
    .describe('What to look for.'),
  vermatch: RegexpParameter.refine((pattern) => !comparison.test(pattern), {
    error: ({ input }) =>
      `expected a regular expression; older packages are found with olderthan '${String(input).replace(comparison, '')}'`,
  })
    .optional()
    .describe('Regular expression on the version.')
    .meta({ flag: 'version', hint: '<regexp>' }),
  olderthan: z
    .string()
    .regex(/^[0-9A-Za-z.+:~^_-]{1,255}$/, { error: "expected a version such as '3.0.15' or '1:9.2p1-2+deb12u3'" })
    .optional()
    .describe('Only versions before this one, by the rules of the package manager.')
    .meta({ hint: '<version>' }),
});
export type Parameters = z.output<typeof Parameters>;

const Package = z.strictObject({
  name: z.string().describe('Name of the package'),
  version: z.string().describe('Version, as the package manager writes it'),
  type: z.string().describe('Kind of package: dpkg, rpm, apk, pacman, brew or snap'),
  arch: z.string().describe('Architecture; empty where packages have none'),
});
export type Package = z.output<typeof Package>;

const Elements = z.strictObject({ packages: z.array(Package).describe('Installed packages that match') });
const Statistics = z.strictObject({ execruntime: z.string().describe('Duration of the search') });

export const pkg = defineModule({
  name: 'pkg',
  summary: 'Finds installed packages by name and version.',
  platforms: ['linux', 'darwin'],
  needs: ['children'],
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    { asks: 'Which version of OpenSSL is installed?', flags: ['-name', '^(openssl|libssl)'] },
    {
      asks: 'Is the backdoored xz 5.6.0 or 5.6.1 installed?',
      flags: ['-name', '^(xz-utils|xz|xz-libs|liblzma5)$', '-version', '5\\.6\\.[01]'],
    },
    {
      asks: 'Which endpoints have an OpenSSL older than 3.0.15?',
      flags: ['-name', '^openssl$', '-olderthan', '3.0.15'],
    },
  ],

  async run(context) {
    const { findPackages } = await import('./find-packages.ts');
    return findPackages(context);
  },

  *printElements({ packages }) {
    for (const { name, version, type, arch } of packages)
      yield `${name} ${version} [type:${type}${arch && `, arch:${arch}`}]`;
  },
});
