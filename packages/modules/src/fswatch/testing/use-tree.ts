/** A tree of files for each test of fswatch, and ways to start it there and to say what it told. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInstance, type TestedInstance } from '@mig/module/testing';
import { afterEach, beforeEach } from 'vitest';
import { fswatch, type Statistics } from '../fswatch.ts';

export interface TestTree {
  readonly path: string;
  /** Runs a script of sh(1) in the tree. */
  shell(script: string): void;
  /** Starts fswatch on the tree, and waits until everything is hashed; with the state directory of one before if given. */
  start(config?: Record<string, unknown>, state?: { readonly directory: string }): Promise<TestedInstance>;
  /** Alerts in a few words, sorted by path. */
  said(instance: TestedInstance): readonly string[];
}

/** Makes an empty tree before each test, below `parent`, and removes it afterwards, with what lies beside it. */
export function useTree(parent = tmpdir()): TestTree {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(parent, 'mig-fswatch-'));
    mkdirSync(join(folder, 'tree'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const tree: TestTree = {
    get path() {
      return join(folder, 'tree');
    },
    shell: (script) => void execFileSync('sh', ['-euc', script], { cwd: tree.path }),
    async start(config = {}, state) {
      const instance = await startInstance(
        fswatch,
        { paths: [`recursive:${tree.path}`], settle: '20ms', ...config },
        state,
      );
      while ((await statisticsOf(instance)).tohash > 0) await pause();
      return instance;
    },
    said: (instance) =>
      instance.alerts
        .map(({ fields }) => {
          const path = String(fields['path']).slice(tree.path.length + 1);
          return `${fields['change']} ${path} ${fields['what'] ?? ''}`.trim();
        })
        .sort(),
  };
  return tree;
}

export const pause = () => new Promise((resolve) => setTimeout(resolve, 10));

export const statisticsOf = async (instance: TestedInstance) => (await instance.ask({})).statistics as Statistics;

/**
 * Waits until everything was compared `times` times from now on: what is not found by then is not found. The comparison
 * that may be under way does not count.
 */
export async function rescanned(instance: TestedInstance, times = 1): Promise<void> {
  const { rescans } = await statisticsOf(instance);
  while ((await statisticsOf(instance)).rescans < rescans + times + 1) await pause();
}
