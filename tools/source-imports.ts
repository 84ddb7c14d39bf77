/** Reads the imports of a source file, as text: what is imported at once, and what only when it is called. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface SourceImport {
  readonly specifier: string;
  /** Only for the compiler: nothing is loaded. */
  readonly isTypeOnly: boolean;
  /** Loaded when the line runs, not when the file loads. */
  readonly isLazy: boolean;
}

const staticImport = /^\s*(?:import|export)\s+(type\s)?(?:[^'"();]*?\sfrom\s+)?'([^']+)'/gm;
const lazyImport = /\bimport\(\s*'([^']+)'\s*\)/g;

/** All imports of the file at `path`. */
export function importsOf(path: string): SourceImport[] {
  const text = readFileSync(path, 'utf8').replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const atOnce = [...text.matchAll(staticImport)].map(([, type, specifier]) => ({
    specifier: specifier!,
    isTypeOnly: type !== undefined,
    isLazy: false,
  }));
  const later = [...text.matchAll(lazyImport)].map(([, specifier]) => ({
    specifier: specifier!,
    isTypeOnly: false,
    isLazy: true,
  }));
  return [...atOnce, ...later];
}

/** The file of ours that `specifier` names when `importer` imports it; undefined for packages of others. */
export function resolveOwn(root: string, importer: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return resolve(dirname(importer), specifier);
  const [, name, subpath] = /^@mig\/([a-z]+)(?:\/(.+))?$/.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  const folder = join(root, 'packages', name, 'src');
  const file = subpath === undefined ? join(folder, 'index.ts') : join(folder, subpath, 'index.ts');
  return existsSync(file) ? file : join(folder, `${subpath}.ts`);
}
