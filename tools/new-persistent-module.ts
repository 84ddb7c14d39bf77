/** The files of a new module that stays, with what is to be filled in in capitals. */

/** Texts by path from the root of the repository. */
export function persistentModuleFiles(name: string): Readonly<Record<string, string>> {
  return {
    [`packages/modules/src/${name}/${name}.ts`]: declaration(name),
    [`packages/modules/src/${name}/start.ts`]: instance(name),
    [`packages/modules/src/${name}/${name}.test.ts`]: test(name),
    [`docs/modules/${name}.md`]: page(name),
  };
}

const declaration = (name: string) => `/**
 * Answers: WHICH QUESTION? Raises an alert when WHAT HAPPENS.
 *
 * Reads WHAT. Changes WHAT, or nothing.
 */
import { definePersistentModule } from '@mig/module';
import { z } from 'zod';

const Config = z.strictObject({
  most: z.int().min(1).default(100).describe('WHAT IT IS.'),
});
export type Config = z.output<typeof Config>;

const Parameters = z.strictObject({});
export type Parameters = z.output<typeof Parameters>;

const Elements = z.strictObject({ ok: z.boolean().describe('Whether it does its work') });
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({ raised: z.int().describe('Alerts so far') });
export type Statistics = z.output<typeof Statistics>;

export const ${name} = definePersistentModule({
  name: '${name}',
  summary: 'Raises an alert when WHAT HAPPENS.',
  platforms: ['linux'],
  needs: [],
  config: Config,
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    { asks: 'A QUESTION OF AN INVESTIGATOR?', flags: [] },
    { asks: 'ANOTHER ONE?', flags: [] },
  ],

  async runPersistent(context) {
    const { start } = await import('./start.ts');
    return start(context);
  },
});
`;

const instance = (name: string) => `/** DOES WHAT: the instance of the ${name} module. */
import { type Instance, type PersistentContext, Unavailable } from '@mig/module';
import type { Config, Elements, Parameters, Statistics } from './${name}.ts';

export async function start(context: PersistentContext<Config>): Promise<Instance<Parameters, Elements, Statistics>> {
  throw new Unavailable(\`module ${name} is not written yet: it was to keep \${context.config.most}\`);
}
`;

const test = (name: string) => `import { describeContract, startInstance } from '@mig/module/testing';
import { describe, expect, test } from 'vitest';
import { ${name} } from './${name}.ts';

describeContract(${name});

describe('${name}', () => {
  test('raises an alert when ANOTHER PROGRAM DOES SOMETHING', async () => {
    const instance = await startInstance(${name}, { most: 1 });
    await instance.until(() => instance.alerts.length > 0);
    expect(instance.alerts).toEqual([{ message: 'WHAT HAPPENED', fields: {} }]);
    expect((await instance.ask({})).statistics).toEqual({ raised: 1 });
    expect(await instance.stop()).toBe(0);
  });
});
`;

const page = (name: string) => `# ${name}

Answers: WHICH QUESTION? Raises an alert when WHAT HAPPENS. It runs on endpoints whose owner has [switched it on](../persistent-modules.md).

\`\`\`
mig ${name} -t local
\`\`\`

| key of \`modules/${name}.toml\` | | default |
| --- | --- | --- |
| \`most\` | WHAT IT IS. | 100 |
`;
