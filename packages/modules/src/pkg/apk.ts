/** Packages of Alpine's apk: paragraphs of `letter:value` lines (apk-v2(5), installed database). */
import { join } from 'node:path';
import { textOf } from './database-files.ts';
import type { PackageReader } from './installed-packages.ts';
import type { Package } from './pkg.ts';

export const readApk: PackageReader = (root) => {
  const text = textOf(join(root, 'lib/apk/db/installed')) ?? textOf(join(root, 'usr/lib/apk/db/installed'));
  return text === undefined ? undefined : parseApk(text);
};

/** The packages of an installed database: all in it are installed. */
export function parseApk(text: string): Package[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const field = (letter: string) => new RegExp(`^${letter}:(.+)$`, 'm').exec(paragraph)?.[1];
    const name = field('P');
    const version = field('V');
    return name === undefined || version === undefined ? [] : [{ name, version, type: 'apk', arch: field('A') ?? '' }];
  });
}
