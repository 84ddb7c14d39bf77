/** Packages of pacman: a folder for each, with a file `desc` of `%KEY%` lines followed by values (alpm's local database). */
import { join } from 'node:path';
import { namesIn, textOf } from './database-files.ts';
import type { PackageReader } from './installed-packages.ts';
import type { Package } from './pkg.ts';

export const readPacman: PackageReader = (root) => {
  const folder = join(root, 'var/lib/pacman/local');
  return namesIn(folder)?.flatMap((entry) => parseDesc(textOf(join(folder, entry, 'desc')) ?? '') ?? []);
};

/** The package that `text` describes; undefined when it lacks name or version. */
export function parseDesc(text: string): Package | undefined {
  const field = (key: string) => new RegExp(`^%${key}%\\n(.+)$`, 'm').exec(text)?.[1];
  const [name, version] = [field('NAME'), field('VERSION')];
  return name === undefined || version === undefined
    ? undefined
    : { name, version, type: 'pacman', arch: field('ARCH') ?? '' };
}
