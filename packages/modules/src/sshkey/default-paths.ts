/** Where people keep their keys: the home directories of this machine. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '@mig/module';

const homes: Readonly<Record<Platform, readonly string[]>> = {
  linux: ['/root', '/home'],
  darwin: ['/var/root', '/Users'],
  win32: ['C:\\Users'],
};

/** Home directories, and the `.ssh` of accounts whose home lies elsewhere (a service's, say); those that exist. */
export function defaultPaths(platform: Platform): string[] {
  const elsewhere = accountHomes().map((home) => join(home, '.ssh'));
  return [...new Set([...homes[platform], ...elsewhere])].filter((path) => existsSync(path));
}

/** The sixth field of each line of /etc/passwd (passwd(5)). */
function accountHomes(): string[] {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
    return lines.flatMap((line) => line.split(':')[5] ?? []).filter((home) => home.startsWith('/'));
  } catch {
    return []; // No such file on this platform.
  }
}
