/** What the tree says of itself while it works. */
import { afterEach, expect, test } from 'vitest';
import { Pace } from './pace.ts';
import { Roots } from './roots.ts';
import { useTree } from './testing/use-tree.ts';
import { WatchedTree } from './watched-tree.ts';

const place = useTree();
let tree: WatchedTree;
afterEach(() => tree.stop());

async function startTree(): Promise<void> {
  tree = new WatchedTree({
    directories: new Map(),
    roots: new Roots([`recursive:${place.path}`], []),
    pace: new Pace(1e9),
    settleMs: 10,
    hashLimitBytes: 1e9,
    report() {},
    onKnown() {},
    log() {},
  });
  await tree.start();
}

test('a comparison of everything counts once it is over', async () => {
  await startTree();
  tree.look('rescan');
  expect(tree.rescans).toBe(0);
  await expect.poll(() => tree.rescans).toBe(1);
});
