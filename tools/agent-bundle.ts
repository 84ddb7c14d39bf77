/** The program of module processes: the agent's bundle, and the start-up snapshot that it is restored from. */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineFlags, snapshotIdentity } from '@mig/module/runner';
import type { Plugin } from 'esbuild';
import type { Bundle } from './bundle.ts';

/** The bundle, written to `directory`; `plugins` give it the list of modules. */
export function agentBundle(plugins: readonly Plugin[], directory = 'packages/agent/dist'): Bundle {
  return { from: 'packages/agent/src/entry.ts', to: join(directory, 'mig-agent.cjs'), plugins, isSnapshot: true };
}

/** Saves the agent of `directory` as it is once it has run: restored, a module process starts some 30 ms sooner. */
export function buildSnapshot(directory: string): void {
  const blob = join(directory, 'mig-agent.blob');
  rmSync(`${blob}.for`, { force: true });
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
  const script = join(directory, 'mig-agent.cjs');
  execFileSync(process.execPath, [...engineFlags, '--snapshot-blob', blob, '--build-snapshot', script], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(`${blob}.for`, snapshotIdentity());
}
