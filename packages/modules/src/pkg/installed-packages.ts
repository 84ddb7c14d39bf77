/** Every package that is installed, by all package managers of the endpoint, sorted. */
import { readApk } from './apk.ts';
import { readBrew } from './brew.ts';
import { readDpkg } from './dpkg.ts';
import { readPacman } from './pacman.ts';
import type { Package } from './pkg.ts';
import { readRpm } from './rpm.ts';
import { readSnap } from './snap.ts';

/** Where a reader reports what it could not read, and when it must stop. */
export interface PackageReading {
  warn(message: string): void;
  readonly signal: AbortSignal;
}

/** Reads one kind of database below `root`; undefined where there is none. Throws when there is one and it cannot be read. */
export type PackageReader = (
  root: string,
  reading: PackageReading,
) => readonly Package[] | undefined | Promise<readonly Package[] | undefined>;

const readers: readonly PackageReader[] = [readDpkg, readRpm, readApk, readPacman, readBrew, readSnap];

/**
 * Gives the packages of all databases below `root`. A database that cannot be read is a warning, and the others count;
 * so is that there is none at all.
 */
export async function installedPackages(root: string, reading: PackageReading): Promise<Package[]> {
  const packages: Package[] = [];
  let isAnyThere = false;
  for (const read of readers) {
    try {
      const found = await read(root, reading);
      isAnyThere ||= found !== undefined;
      for (const one of found ?? []) packages.push(one);
    } catch (error) {
      reading.signal.throwIfAborted();
      isAnyThere = true;
      reading.warn(error instanceof Error ? error.message : String(error));
    }
  }
  if (!isAnyThere)
    reading.warn(`no package database below ${root}: looked for those of dpkg, rpm, apk, pacman, brew, snap`);
  const key = ({ name, version, type, arch }: Package) => `${name}\0${version}\0${type}\0${arch}`;
  return packages.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
