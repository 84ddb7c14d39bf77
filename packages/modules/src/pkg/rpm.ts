/** Packages of rpm: its database is binary and changed its format twice, so that rpm itself is asked (rpm(8), --queryformat). */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageReader } from './installed-packages.ts';
import type { Package } from './pkg.ts';

const databases = ['var/lib/rpm', 'usr/lib/sysimage/rpm'];
const files = ['rpmdb.sqlite', 'Packages', 'Packages.db'];
const format = '%{NAME}\\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\n';

export const readRpm: PackageReader = async (root, { signal }) => {
  const folder = databases
    .map((name) => join(root, name))
    .find((path) => files.some((file) => existsSync(join(path, file))));
  if (folder === undefined) return undefined;
  return parseRpm(await askRpm(['--dbpath', folder, '-qa', '--qf', format], signal));
};

function askRpm(words: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      signal,
      timeout: 120_000,
      maxBuffer: 1 << 28,
      env: { PATH: '/usr/bin:/bin:/usr/sbin', LC_ALL: 'C' },
    };
    execFile('rpm', words, options, (error, output, complaints) => {
      if (error === null) resolve(output);
      else
        reject(
          new Error(`there is an rpm database, and rpm could not read it: ${complaints.trim() || error.message}`, {
            cause: error,
          }),
        );
    });
  });
}

/** One package a line. Public keys are kept as packages without architecture: they are none. */
export function parseRpm(output: string): Package[] {
  return output.split('\n').flatMap((line) => {
    const [name, version, arch] = line.split('\t');
    if (!name || !version || arch === undefined || name === 'gpg-pubkey') return [];
    return [{ name, version, type: 'rpm', arch: arch === '(none)' ? '' : arch }];
  });
}
