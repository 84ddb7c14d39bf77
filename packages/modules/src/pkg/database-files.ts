/** Files of package databases: their text, and nothing where a package manager is not there. */
import { readdirSync, readFileSync } from 'node:fs';

/** The text of `path`; undefined when there is no such file. Throws the error of the system otherwise. */
export function textOf(path: string): string | undefined {
  return unlessMissing(() => readFileSync(path, 'utf8'));
}

/** The names in the folder `path`, sorted; undefined when there is no such folder. Throws the error of the system otherwise. */
export function namesIn(path: string): readonly string[] | undefined {
  return unlessMissing(() => readdirSync(path).sort());
}

function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
