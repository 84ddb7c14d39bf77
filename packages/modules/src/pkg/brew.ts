/** Packages of Homebrew: a folder for each formula or cask, and in it one for each version that is installed. */
import { join } from 'node:path';
import { namesIn } from './database-files.ts';
import type { PackageReader } from './installed-packages.ts';
import type { Package } from './pkg.ts';

const places = ['opt/homebrew', 'usr/local', 'home/linuxbrew/.linuxbrew'];

export const readBrew: PackageReader = (root) => {
  const folders = places.flatMap((place) => ['Cellar', 'Caskroom'].map((kind) => join(root, place, kind)));
  const found = folders.map(readFolder).filter((packages) => packages !== undefined);
  return found.length > 0 ? found.flat() : undefined;
};

function readFolder(folder: string): Package[] | undefined {
  return namesIn(folder)?.flatMap((name) => {
    const versions = namesIn(join(folder, name))?.filter((version) => !version.startsWith('.')) ?? [];
    return versions.map((version) => ({ name, version, type: 'brew', arch: '' }));
  });
}
