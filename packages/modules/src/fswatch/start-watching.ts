/** The instance of fswatch: the watched trees, the alerts, and the answers. */

import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Instance, type PersistentContext, parseDuration } from '@mig/module';
import { joinPath, showPath } from '../file/raw-path.ts';
import { defaultPaths } from './default-paths.ts';
import type { Directory } from './directory.ts';
import type { Change, Config, Elements, KnownFile, Parameters, Statistics } from './fswatch.ts';
import { KeptListing } from './kept-listing.ts';
import { Pace } from './pace.ts';
import { isWithin, Roots } from './roots.ts';
import { type Difference, describeSignature } from './signature.ts';
import { WatchedTree } from './watched-tree.ts';

const mebibyte = 1_048_576;
/** Changes that are remembered for questions. */
const mostChanges = 1_000;
/** Files and directories that an answer names as unreadable. */
const mostTroubles = 100;

export async function startWatching(
  context: PersistentContext<Config>,
): Promise<Instance<Parameters, Elements, Statistics>> {
  const { config, log } = context;
  const isDefault = config.paths.length === 0;
  const roots = new Roots(isDefault ? withoutAliases(defaultPaths[context.platform]) : config.paths, config.exclude);
  const pace = new Pace(config.hashrate * mebibyte);
  const changes: Change[] = [];
  let alerts = 0;
  const directories = new Map<string, Directory>();
  const listing = await KeptListing.open({ directory: context.stateDirectory, roots, directories, log });
  const tree = new WatchedTree({
    directories,
    roots,
    pace,
    settleMs: parseDuration(config.settle)!,
    hashLimitBytes: config.hashlimit * mebibyte,
    log,
    report(difference) {
      const change = describe(difference);
      alerts++;
      changes.push(change);
      if (changes.length > 2 * mostChanges) changes.splice(0, mostChanges);
      const when = change.whileaway ? ', while fswatch was not running' : '';
      context.alert(`${change.type} ${change.change}: ${change.path}${when}`, alertFields(difference, change));
    },
    onKnown: (directory, name) => listing.note(directory, name),
  });
  await tree.start(listing.unsettled);
  listing.begin();
  log(`watching ${countEntries(tree)} files in ${tree.directories.size} directories`);
  const timers = [
    setInterval(() => tree.look('rescan'), parseDuration(config.rescan)!),
    setInterval(() => tree.look('poll'), parseDuration(config.poll)!),
  ];

  const knownAt = (path: string) => tree.directories.get(dirname(path))?.entries.get(basename(path));
  return {
    async query({ parameters, warn }) {
      const { path, limit } = parameters;
      const isAsked = (one: string) => path === undefined || one === path || isWithin(path, one);
      const files = path === undefined ? undefined : knownFiles(tree, isAsked);
      if (files !== undefined && files.length > limit) {
        warn(
          `${files.length} files are known at ${path} and below, ${limit} are returned: raise limit, or name a path`,
        );
      }
      const asked = changes.filter((change) => isAsked(change.path));
      if (path !== undefined && asked.length > limit)
        warn(`${asked.length} changes are kept at ${path} and below, the last ${limit} are returned: raise limit`);
      const scanned = [...tree.directories.values()].filter((one) => one.isThere && !one.isWatched).length;
      if (tree.watches.limit !== undefined)
        warn(`${scanned} directories are only scanned every ${config.poll}: ${tree.watches.limit}`);
      for (const root of roots.list) {
        if (isDefault) break;
        const known = knownAt(root.path);
        if (known === undefined) warn(`${root.path} does not exist; it is watched for`);
        if (known?.kind === 'link')
          warn(
            `${root.path} is a link to ${known.content}: the link is watched, and what is there only by its own path`,
          );
      }
      if (listing.problem !== undefined) warn(listing.problem);
      const troubles = [...tree.troubles];
      for (const [where, reason] of troubles.slice(0, mostTroubles)) warn(`${where}: ${reason}`);
      if (troubles.length > mostTroubles) warn(`${troubles.length - mostTroubles} more could not be read`);
      const elements = {
        ok: tree.watches.limit === undefined && context.dropped === 0,
        watching: countEntries(tree),
        alerts,
        dropped: context.dropped,
        roots: roots.list.map((root) => ({ ...root, present: knownAt(root.path) !== undefined })),
        changes: asked.slice(-limit),
        ...(files === undefined ? {} : { files: files.slice(0, limit) }),
      };
      const statistics = {
        directories: tree.directories.size,
        scanned,
        tohash: countToHash(tree, config.hashlimit * mebibyte),
        hashedbytes: pace.bytes,
        events: tree.watches.events,
        rescans: tree.rescans,
        unreadable: tree.troubles.size,
      };
      return { foundanything: elements.changes.length > 0, elements, statistics };
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await tree.stop();
      await listing.close();
    },
  };
}

function describe({ path, old, now, what, whileAway }: Difference): Change {
  return {
    time: new Date().toISOString(),
    change: old === undefined ? 'created' : now === undefined ? 'removed' : 'changed',
    type: (now ?? old)!.kind,
    path,
    what: [...what],
    ...(whileAway ? { whileaway: true } : {}),
  };
}

/** What an alert says: of a file that changed, what differs and its hash; else all that is known of it. */
function alertFields({ old, now, what }: Difference, change: Change): Record<string, unknown> {
  const { path, type } = change;
  const fields: Record<string, unknown> = { path, change: change.change, type };
  if (what.length > 0) fields['what'] = what;
  if (change.whileaway) fields['whileaway'] = true;
  const isTold = (name: string) => old === undefined || now === undefined || what.includes(name) || name === 'sha256';
  for (const [key, signature] of Object.entries({ old, now })) {
    if (signature === undefined) continue;
    const { type: _, ...told } = describeSignature(signature);
    const shown = what.includes('type') ? { type: signature.kind, ...told } : told;
    fields[key === 'now' ? 'new' : key] = Object.fromEntries(
      Object.entries(shown).filter(([name]) => name === 'type' || isTold(name)),
    );
  }
  return fields;
}

function countEntries(tree: WatchedTree): number {
  let count = 0;
  for (const { entries } of tree.directories.values()) count += entries.size;
  return count;
}

function countToHash(tree: WatchedTree, limitBytes: number): number {
  let count = 0;
  for (const { entries } of tree.directories.values()) {
    for (const { kind, content, size } of entries.values()) {
      if (kind === 'file' && content === undefined && size <= limitBytes) count++;
    }
  }
  return count;
}

function knownFiles(tree: WatchedTree, isAsked: (path: string) => boolean): KnownFile[] {
  const files: KnownFile[] = [];
  for (const directory of tree.directories.values()) {
    for (const [name, signature] of directory.entries) {
      const path = showPath(joinPath(directory.path, signature.rawName ?? name));
      if (isAsked(path)) files.push({ path, ...describeSignature(signature) });
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Without those that are other names of others: where /lib is a link to /usr/lib, say. */
function withoutAliases(paths: readonly string[]): string[] {
  return paths.filter((text) => {
    const path = text.replace(/^recursive:/, '');
    try {
      const real = join(realpathSync(dirname(path)), basename(path));
      return real === path || !paths.some((other) => other.replace(/^recursive:/, '') === real);
    } catch {
      return true;
    }
  });
}
