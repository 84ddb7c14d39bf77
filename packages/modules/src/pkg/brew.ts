/** Packages of Homebrew: a folder for each formula or cask, and in it one for each version that is installed. */
import { join } from 'node:path';
import { namesIn } from './database-files.ts';
import type { PackageReader } from './installed-packages.ts';

const places = ['opt/homebrew', 'usr/local', 'home/linuxbrew/.linuxbrew'];

export const readBrew: PackageReader = (root) =>
  places.flatMap((place) =>
    ['Cellar', 'Caskroom'].flatMap((kind) => {
      const folder = join(root, place, kind);
      return namesIn(folder).flatMap((name) =>
        namesIn(join(folder, name))
          .filter((version) => !version.startsWith('.'))
          .map((version) => ({ name, version, type: 'brew', arch: '' })),
      );
    }),
  );
