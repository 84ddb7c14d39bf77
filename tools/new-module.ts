/** `npm run new:module NAME [-- --persistent]`: writes the files of a module, which fail until they are filled in. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { persistentModuleFiles } from './new-persistent-module.ts';

const root = join(import.meta.dirname, '..');
const words = process.argv.slice(2);
const isPersistent = words.includes('--persistent');
const [name = '', ...others] = words.filter((word) => word !== '--persistent');
const folder = join(root, 'packages/modules/src', name);

if (!/^[a-z][a-z0-9]{1,31}$/.test(name))
  stop(`expected a name of 2 to 32 lower case letters and digits, got '${name}'`);
if (others.length > 0) stop(`expected NAME and perhaps --persistent, got '${others.join(' ')}' as well`);
if (existsSync(folder)) stop(`packages/modules/src/${name} is there already: choose another name`);

const oneShotFiles = (): Readonly<Record<string, string>> => ({
  [`packages/modules/src/${name}/${name}.ts`]: `/**
 * Answers: WHICH QUESTION?
 *
 * Reads WHAT. Changes WHAT, or nothing.
 */
import { defineModule } from '@mig/module';
import { z } from 'zod';

const Parameters = z.strictObject({
  text: z.string().min(1).describe('WHAT IT IS.').meta({ hint: '<text>' }),
});
export type Parameters = z.output<typeof Parameters>;

const Elements = z.strictObject({ found: z.array(z.string()).describe('WHAT EACH ONE IS') });
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({ examined: z.int().describe('How many were looked at') });
export type Statistics = z.output<typeof Statistics>;

export const ${name} = defineModule({
  name: '${name}',
  summary: 'Finds WHAT.',
  platforms: ['linux'],
  needs: [],
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    { asks: 'A QUESTION OF AN INVESTIGATOR?', flags: ['-text', 'one'] },
    { asks: 'ANOTHER ONE?', flags: ['-text', 'two'] },
  ],

  async run(context) {
    const { find } = await import('./find.ts');
    return find(context);
  },
});
`,
  [`packages/modules/src/${name}/find.ts`]: `/** DOES WHAT: the part of the ${name} module that touches the machine. */
import type { Findings, RunContext } from '@mig/module';
import type { Elements, Parameters, Statistics } from './${name}.ts';

export async function find({ parameters }: RunContext<Parameters>): Promise<Findings<Elements, Statistics>> {
  throw new Error(\`module ${name} is not written yet: it was asked for \${parameters.text}\`);
}
`,
  [`packages/modules/src/${name}/${name}.test.ts`]: `import { describeContract, runFlags } from '@mig/module/testing';
import { describe, expect, test } from 'vitest';
import { ${name} } from './${name}.ts';

describeContract(${name});

describe('${name}', () => {
  test('finds what ANOTHER TOOL finds', async () => {
    const result = await runFlags(${name}, ['-text', 'one']);
    expect(result.elements).toEqual({ found: ['WHAT THE OTHER TOOL SAYS'] });
  });
});
`,
  [`docs/modules/${name}.md`]: `# ${name}

Answers: WHICH QUESTION?

\`\`\`
mig ${name} -t local -text one
\`\`\`
`,
});

const files = isPersistent ? persistentModuleFiles(name) : oneShotFiles();
mkdirSync(folder);
for (const [path, text] of Object.entries(files)) {
  writeFileSync(join(root, path), text);
  process.stdout.write(`${path}\n`);
}
process.stdout.write(`\nNow fill in what is in capitals, then name it in packages/modules/src/available.ts:

import { ${name} } from './${name}/${name}.ts';

npx vitest run packages/modules/src/${name}   until it passes
npm run generate                              for the manifest
docs/writing-modules.md                       explains each part
`);

function stop(reason: string): never {
  process.stderr.write(`new:module: ${reason}\n`);
  process.exit(2);
}
