/** Packages of rpm: its database is binary and changed its format twice, so that rpm itself is asked (rpm(8), --queryformat). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../run-program.ts';
import type { PackageReader } from './installed-packages.ts';
import type { Package } from './pkg.ts';

const databases = ['var/lib/rpm', 'usr/lib/sysimage/rpm'];
const files = ['rpmdb.sqlite', 'Packages', 'Packages.db'];
const env = { PATH: '/usr/bin:/bin:/usr/sbin', LC_ALL: 'C' };
const format = '%{NAME}\\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\n';

export const readRpm: PackageReader = async (root, { signal }) => {
  const folder = databases
    .map((name) => join(root, name))
    .find((path) => files.some((file) => existsSync(join(path, file))));
  if (folder === undefined) return undefined;
  const words = ['--dbpath', folder, '-qa', '--qf', format];
  try {
    return parseRpm(await runProgram('rpm', words, { env, signal, timeoutMs: 120_000, maxBuffer: 1 << 28 }));
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`there is an rpm database, and it could not be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
};

/** One package a line. Public keys are kept as packages without architecture: they are none. */
export function parseRpm(output: string): Package[] {
  return output.split('\n').flatMap((line) => {
    const [name, version, arch] = line.split('\t');
    if (!name || !version || arch === undefined || name === 'gpg-pubkey') return [];
    return [{ name, version, type: 'rpm', arch: arch === '(none)' ? '' : arch }];
  });
}
