/** The agent's bundles, built for a test from what stands in the sources now. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { madeOnce } from '@mig/testing';
import { build, type Plugin } from 'esbuild';

export interface BuiltAgent {
  /** Where the bundles are. */
  readonly directory: string;
  readonly script: string;
  remove(): void;
}

/**
 * Gives the bundles of the agent, without the snapshot, as tools/build.ts makes them, in a directory of their own. With
 * `modules`, a file that exports `available`, the agent has those in place of the modules that ship. They
 * are made once for a run of tests, and each file gets a copy: it tells its processes from those of others by their script.
 */
export async function buildAgent(modules?: string): Promise<BuiltAgent> {
  const directory = mkdtempSync(join(tmpdir(), 'mig-agent-build-'));
  const name = modules === undefined ? 'agent' : `agent-${basename(modules, '.ts')}`;
  const made = await madeOnce(name, (empty) => makeBundles(empty, modules));
  cpSync(made, directory, { recursive: true });
  return {
    directory,
    script: join(directory, 'mig-agent.cjs'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

async function makeBundles(directory: string, modules: string | undefined): Promise<void> {
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
}

function inPlaceOfAvailable(modules: string): Plugin {
  return {
    name: 'in-place-of-available',
    setup(bundle) {
      bundle.onResolve({ filter: /\/available\.ts$/ }, () => ({ path: modules }));
    },
  };
}
