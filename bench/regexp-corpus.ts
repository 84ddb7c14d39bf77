/** What the regexp benchmarks search: the files of /usr/share in one file, less the lines that some pattern matches. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'corpus');
const wantedBytes = 256 * 1024 * 1024;
const largestFile = 4 * 1024 * 1024;

/**
 * The path of the corpus for `patterns`; made when it is not there. No line of it matches any of them, so that whoever
 * searches it must read to its end. Throws when find or rg (Debian: findutils, ripgrep) cannot run.
 */
export function corpusWithout(patterns: readonly string[]): string {
  const name = createHash('sha256').update(patterns.join('\n')).digest('hex').slice(0, 12);
  const path = join(folder, `lines-${name}.bin`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const all = join(folder, 'all.bin');
  if (!existsSync(all)) concatenate(all);
  const args = [
    '-a',
    '-v',
    '-N',
    '--no-config',
    '--no-unicode',
    '--no-filename',
    ...patterns.flatMap((pattern) => ['-e', pattern]),
    all,
  ];
  const output = openSync(path, 'w');
  const { status, error } = spawnSync('rg', args, { stdio: ['ignore', output, 'inherit'] });
  closeSync(output);
  if (error !== undefined || status !== 0) throw new Error('rg could not make the corpus: apt-get install ripgrep');
  return path;
}

function concatenate(into: string): void {
  const { stdout } = spawnSync('find', ['/usr/share', '/usr/lib', '-type', 'f', '-print0'], { maxBuffer: 1 << 28 });
  const paths = stdout
    .toString()
    .split('\0')
    .filter((path) => path !== '')
    .sort();
  const output = openSync(into, 'w');
  let total = 0;
  for (const path of paths) {
    const bytes = readFileSync(path);
    if (bytes.length > largestFile) continue;
    writeSync(output, bytes);
    total += bytes.length;
    if (total >= wantedBytes) break;
  }
  closeSync(output);
}
