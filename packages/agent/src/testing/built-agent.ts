/** The agent's bundles, built for a test from what stands in the sources now. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

export interface BuiltAgent {
  /** Where the bundles are. */
  readonly directory: string;
  readonly script: string;
  remove(): void;
}

/**
 * Builds the bundles of the agent, without the snapshot, as tools/build.ts does. With `modules`, a file that exports
 * `available`, it has those in place of the modules that ship.
 */
export async function buildAgent(modules?: string): Promise<BuiltAgent> {
  const directory = mkdtempSync(join(tmpdir(), 'mig-agent-build-'));
  const source = join(import.meta.dirname, '..');
  const bundles = {
    'mig-agent': join(source, 'entry.ts'),
    'mig-agent-daemon': join(source, 'daemon-program.ts'),
    'module-thread': join(source, '../../modules/src/thread-entries.ts'),
  };
  await build({
    entryPoints: bundles,
    outdir: directory,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    conditions: ['mig-source'],
    define: { MIG_VERSION: '"0.0.0-test"' },
    alias: { openpgp: createRequire(join(source, '../../action/src/index.ts')).resolve('openpgp') },
    plugins: modules === undefined ? [] : [inPlaceOfAvailable(modules)],
    logLevel: 'error',
  });
  return {
    directory,
    script: join(directory, 'mig-agent.cjs'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function inPlaceOfAvailable(modules: string): Plugin {
  return {
    name: 'in-place-of-available',
    setup(bundle) {
      bundle.onResolve({ filter: /\/available\.ts$/ }, () => ({ path: modules }));
    },
  };
}
