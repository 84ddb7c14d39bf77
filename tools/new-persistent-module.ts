/** The files of a new module that stays: one that works, and raises an alert when a path comes or goes. */

/** Texts by path from the root of the repository. */
export function persistentModuleFiles(name: string): Readonly<Record<string, string>> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  return {
    [`packages/modules/src/${name}/${name}.ts`]: declaration(name, type),
    [`packages/modules/src/${name}/start-${name}.ts`]: instance(name, type),
    [`packages/modules/src/${name}/${name}.test.ts`]: test(name),
    [`docs/modules/${name}.md`]: page(name),
  };
}

const declaration = (name: string, type: string) => `/**
 * Answers: which of these paths are there? Raises an alert when one of them comes or goes.
 *
 * Looks at the paths of its configuration, again and again. Opens none of them, and changes nothing.
 */
import { definePersistentModule, durationBetween } from '@mig/module';
import { z } from 'zod';

const Config = z.strictObject({
  paths: z.array(z.string().min(1)).min(1).default(['/etc/ld.so.preload']).describe('Paths to look at.'),
  interval: durationBetween('10ms', '1h', '10s').default('10s').describe('How often they are looked at.'),
});
export type Config = z.output<typeof Config>;

const Parameters = z.strictObject({});
export type Parameters = z.output<typeof Parameters>;

const Elements = z.strictObject({ found: z.array(z.string()).describe('Paths that are there now, sorted') });
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({ alerts: z.int().describe('Alerts so far') });
export type Statistics = z.output<typeof Statistics>;

export const ${name} = definePersistentModule({
  name: '${name}',
  summary: 'Raises an alert when a path comes or goes.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: [],
  config: Config,
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    { asks: 'Is there a library that every program is made to load?', flags: [] },
    { asks: 'Does the module run here?', flags: [] },
  ],

  async runPersistent(context) {
    const { start${type} } = await import('./start-${name}.ts');
    return start${type}(context);
  },

  printElements: ({ found }) => found,

  enhancePrivacy: ({ found }) => ({ found: found.map(() => 'masked') }),
});
`;

const instance = (
  name: string,
  type: string,
) => `/** The instance of ${name}: looks at the paths at every interval, and raises an alert for each that came or went. */
import { lstatSync } from 'node:fs';
import { type Instance, type PersistentContext, parseDuration } from '@mig/module';
import type { Config, Elements, Parameters, Statistics } from './${name}.ts';

/** Takes what is there at the start for granted; what it knows is lost when it ends. */
export function start${type}({ config, alert, log }: PersistentContext<Config>): Instance<Parameters, Elements, Statistics> {
  let alerts = 0;
  const isThere = (path: string): boolean => {
    try {
      return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      log(\`\${path}: \${(error as NodeJS.ErrnoException).code ?? String(error)}\`);
      return false;
    }
  };
  let known = new Map(config.paths.map((path) => [path, isThere(path)]));
  const look = () => {
    const now = new Map(config.paths.map((path) => [path, isThere(path)]));
    for (const [path, there] of now) {
      if (there === known.get(path)) continue;
      alerts++;
      alert(\`\${path} \${there ? 'came' : 'went'}\`, { path, there });
    }
    known = now;
  };
  const timer = setInterval(look, parseDuration(config.interval)!);
  return {
    async query() {
      look();
      const found = [...known].flatMap(([path, there]) => (there ? [path] : [])).sort();
      return { foundanything: found.length > 0, elements: { found }, statistics: { alerts } };
    },
    async stop() {
      clearInterval(timer);
    },
  };
}
`;

const test = (name: string) => `import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeContract, startInstance } from '@mig/module/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ${name} } from './${name}.ts';

describeContract(${name});

describe('${name}', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mig-${name}-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('raises an alert when a path comes and when it goes, and answers what is there', async () => {
    const path = join(folder, 'one');
    const instance = await startInstance(${name}, { paths: [path, folder], interval: '10ms' });
    execFileSync('touch', [path]);
    await instance.until(() => instance.alerts.length === 1);
    expect((await instance.ask({})).elements).toEqual({ found: [folder, path] });
    execFileSync('rm', [path]);
    await instance.until(() => instance.alerts.length === 2);
    expect(instance.alerts).toEqual([
      { message: \`\${path} came\`, fields: { path, there: true } },
      { message: \`\${path} went\`, fields: { path, there: false } },
    ]);
    expect(await instance.ask({})).toMatchObject({ elements: { found: [folder] }, statistics: { alerts: 2 } });
    expect(await instance.stop()).toBe(0);
  });
});
`;

const page = (name: string) => `# ${name}

Answers: which of these paths are there? Raises an alert when one of them comes or goes. It runs on Linux, macOS and Windows, on endpoints whose owner has [switched it on](../persistent-modules.md).

\`\`\`
mig ${name} -t local
\`\`\`

- What is there when it starts raises no alert. A path that comes and goes within an interval is not seen.
- A path that may not be looked at counts as not there, and is a line in the agent's log.

Privacy mode masks the paths; their number stays.

| key of \`modules/${name}.toml\` | | default |
| --- | --- | --- |
| \`paths\` | Paths to look at. | \`["/etc/ld.so.preload"]\` |
| \`interval\` | How often they are looked at: a duration from 10ms to 1h. | \`10s\` |
`;
