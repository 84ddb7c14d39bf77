/** Packages of dpkg: paragraphs of `Key: value` lines (deb-control(5), dpkg-query(1)). */
import { join } from 'node:path';
import { namesIn, textOf } from './database-files.ts';
import type { PackageReader } from './installed-packages.ts';
import type { Package } from './pkg.ts';

/** Reads the status file, and the folder of such files that images without dpkg carry. */
export const readDpkg: PackageReader = (root) => {
  const folder = join(root, 'var/lib/dpkg/status.d');
  const whole = textOf(join(root, 'var/lib/dpkg/status'));
  const names = namesIn(folder);
  if (whole === undefined && names === undefined) return undefined;
  const parts = names?.filter((name) => !name.endsWith('.md5sums')) ?? [];
  return [
    ...parseDpkgStatus(whole ?? '', true),
    ...parts.flatMap((name) => parseDpkgStatus(textOf(join(folder, name)) ?? '', false)),
  ];
};

/** A package whose triggers have not run yet is installed and configured; other states are on the way in or out. */
const installed = / (installed|triggers-awaited|triggers-pending)$/;

/** The packages of `text` that are installed; where paragraphs need no status, those without one are. */
export function parseDpkgStatus(text: string, needsStatus: boolean): Package[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.+)$`, 'm').exec(paragraph)?.[1]?.trim();
    const name = field('Package');
    const version = field('Version');
    const status = field('Status');
    const isInstalled = status === undefined ? !needsStatus : installed.test(status);
    if (name === undefined || version === undefined || !isInstalled) return [];
    return [{ name, version, type: 'dpkg', arch: field('Architecture') ?? '' }];
  });
}
