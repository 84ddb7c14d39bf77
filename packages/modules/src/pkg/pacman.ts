/** Packages of pacman: a folder for each, with a file `desc` of `%KEY%` lines followed by values (alpm's local database). */
import { join } from 'node:path';
import { namesIn, textOf } from './database-files.ts';
import type { PackageReader } from './installed-packages.ts';

export const readPacman: PackageReader = (root) => {
  const folder = join(root, 'var/lib/pacman/local');
  return namesIn(folder).flatMap((entry) => {
    const text = textOf(join(folder, entry, 'desc'));
    if (text === undefined) return [];
    const field = (key: string) => new RegExp(`^%${key}%\\n(.+)$`, 'm').exec(text)?.[1];
    const name = field('NAME');
    const version = field('VERSION');
    return name === undefined || version === undefined
      ? []
      : [{ name, version, type: 'pacman', arch: field('ARCH') ?? '' }];
  });
};
