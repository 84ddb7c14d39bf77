/** Packages of snapd: each is mounted below a folder of its name, with its metadata as `meta/snap.yaml`. */
import { join } from 'node:path';
import { namesIn, textOf } from './database-files.ts';
import type { PackageReader } from './installed-packages.ts';
import type { Package } from './pkg.ts';

const places = ['snap', 'var/lib/snapd/snap'];

/** Reads the revision of each snap that is in use, `current`. */
export const readSnap: PackageReader = (root) => {
  const folder = places.map((place) => join(root, place)).find((path) => namesIn(path) !== undefined);
  if (folder === undefined) return undefined;
  return namesIn(folder)!.flatMap(
    (name) => parseSnap(textOf(join(folder, name, 'current/meta/snap.yaml')) ?? '') ?? [],
  );
};

/** The package that the top level of a snap.yaml describes; undefined when it lacks name or version. */
export function parseSnap(yaml: string): Package | undefined {
  const field = (key: string) => new RegExp(`^${key}: *(['"]?)(.+?)\\1 *$`, 'm').exec(yaml)?.[2];
  const [name, version] = [field('name'), field('version')];
  if (name === undefined || version === undefined) return undefined;
  const list = /^architectures:((?: *\[[^\]]*\])|(?:\n *- .*)+)/m.exec(yaml)?.[1] ?? '';
  return { name, version, type: 'snap', arch: list.match(/[a-z0-9]+/g)?.join(',') ?? '' };
}
