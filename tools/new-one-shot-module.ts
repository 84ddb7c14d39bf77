/** The files of a new module that runs once: one that works, and answers whether paths are there. */

/** Texts by path from the root of the repository. */
export function oneShotModuleFiles(name: string): Readonly<Record<string, string>> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  return {
    [`packages/modules/src/${name}/${name}.ts`]: declaration(name, type),
    [`packages/modules/src/${name}/run-${name}.ts`]: run(name, type),
    [`packages/modules/src/${name}/${name}.test.ts`]: test(name),
    [`docs/modules/${name}.md`]: page(name),
  };
}

const declaration = (name: string, type: string) => `/**
 * Answers: which of these paths are there?
 *
 * Looks at the paths that are given. Opens none of them, and changes nothing.
 */
import { defineModule } from '@mig/module';
import { z } from 'zod';

const Parameters = z.strictObject({
  paths: z
    .array(z.string().min(1).startsWith('/', 'expected a path from the root'))
    .min(1)
    .describe('Path to look at.')
    .meta({ flag: 'path', hint: '<path>' }),
});
export type Parameters = z.output<typeof Parameters>;

const Elements = z.strictObject({ found: z.array(z.string()).describe('Paths that are there, sorted') });
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({ examined: z.int().describe('Paths that were looked at') });
export type Statistics = z.output<typeof Statistics>;

export const ${name} = defineModule({
  name: '${name}',
  summary: 'Finds out which paths are there.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: [],
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    { asks: 'Is there a list of users?', flags: ['-path', '/etc/passwd'] },
    { asks: 'Which of these two did the attacker leave behind?', flags: ['-path', '/tmp/.x', '-path', '/var/tmp/.x'] },
  ],

  async run(context) {
    const { run${type} } = await import('./run-${name}.ts');
    return run${type}(context);
  },

  printElements: ({ found }) => found,

  enhancePrivacy: ({ found }) => ({ found: found.map(() => 'masked') }),
});
`;

const run = (
  name: string,
  type: string,
) => `/** Looks at the paths: the part of the ${name} module that touches the machine. */
import { lstatSync } from 'node:fs';
import type { Findings, RunContext } from '@mig/module';
import type { Elements, Parameters, Statistics } from './${name}.ts';

export async function run${type}(context: RunContext<Parameters>): Promise<Findings<Elements, Statistics>> {
  const { parameters, warn, breathe } = context;
  const found: string[] = [];
  for (const path of parameters.paths) {
    const pause = breathe();
    if (pause) await pause;
    if (isThere(path, warn)) found.push(path);
  }
  return {
    foundanything: found.length > 0,
    elements: { found: [...new Set(found)].sort() },
    statistics: { examined: parameters.paths.length },
  };
}

/** What cannot be told is a soft error: the run goes on, and nothing is left out in silence. */
function isThere(path: string, warn: (text: string) => void): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    warn(\`\${path}: \${(error as NodeJS.ErrnoException).code ?? String(error)}\`);
    return false;
  }
}
`;

const test = (name: string) => `import { execFileSync } from 'node:child_process';
import { describeContract, runFlags } from '@mig/module/testing';
import { describe, expect, test } from 'vitest';
import { ${name} } from './${name}.ts';

describeContract(${name});

describe('${name}', () => {
  test('finds what ls finds, and nothing else', async () => {
    const paths = execFileSync('ls', ['-d', '/etc', '/etc/passwd'], { encoding: 'utf8' }).trim().split('\\n');
    const asked = [...paths, '/etc/no-such-file'].flatMap((path) => ['-path', path]);
    expect(await runFlags(${name}, asked)).toEqual({
      foundanything: true,
      success: true,
      elements: { found: paths },
      statistics: { examined: 3 },
      errors: null,
    });
  });
});
`;

const page = (name: string) => `# ${name}

Answers: which of these paths are there? Linux, macOS and Windows.

\`\`\`
mig ${name} -t local -path /etc/passwd
mig ${name} -t local -path /tmp/.x -path /var/tmp/.x
\`\`\`

- A symbolic link is there when the link is, wherever it leads.
- A path that may not be looked at is a soft error.

Privacy mode masks the paths; their number stays.
`;
