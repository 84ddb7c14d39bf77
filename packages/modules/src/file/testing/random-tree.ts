/** Random trees of files, links and special files for tests, with contents that the patterns of the tests tell apart. */
import { execFileSync } from 'node:child_process';
import { chmodSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';

const names = [
  'a.txt',
  'b.conf',
  'README',
  'x y.txt',
  'ünï.txt',
  '-dash',
  '.hidden',
  '$x',
  'passwd',
  'id_rsa',
  'A.TXT',
];
const lines = [
  'password = secret',
  'PASSWORD=x',
  'root:x:0:0:root',
  '',
  'foo bar',
  'foo',
  'AKIA0123456789',
  'a\0b foo\0',
  'foo\r',
  '# comment',
  '  indented 192.168.0.1',
  'ünï cödé',
];
const modes = [0o644, 0o600, 0o755, 0o4755, 0o2755, 0o777, 0o400, 0o6711];

interface RandomFile {
  readonly kind: 'file';
  readonly lines: readonly string[];
  readonly endsWithNewline: boolean;
  /** How often the lines are repeated: some files are larger than one read. */
  readonly repeat: number;
  readonly isCompressed: boolean;
  readonly mode: number;
  readonly ageDays: number;
}
type RandomEntry =
  | RandomFile
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'fifo' }
  | { readonly kind: 'directory'; readonly entries: readonly (readonly [string, RandomEntry])[] };

const file: fc.Arbitrary<RandomEntry> = fc.record({
  kind: fc.constant('file' as const),
  lines: fc.array(fc.constantFrom(...lines), { maxLength: 4 }),
  endsWithNewline: fc.boolean(),
  repeat: fc.oneof({ weight: 12, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constantFrom(300, 4000) }),
  isCompressed: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.boolean()),
  mode: fc.constantFrom(...modes),
  ageDays: fc.constantFrom(0, 3, 10, 100, 1000),
});
const link: fc.Arbitrary<RandomEntry> = fc.record({
  kind: fc.constant('link' as const),
  target: fc.constantFrom(
    'a.txt',
    'README',
    '..',
    '.',
    '../a.txt',
    'nowhere',
    'itself',
    '/etc/passwd',
    'passwd/b.conf',
  ),
});

/** A directory with up to three levels of others in it. */
export const randomTree: fc.Arbitrary<RandomEntry> = fc.letrec<{ directory: RandomEntry; entry: RandomEntry }>(
  (tie) => ({
    directory: fc.record({
      kind: fc.constant('directory' as const),
      entries: fc.uniqueArray(fc.tuple(fc.constantFrom(...names), tie('entry')), {
        minLength: 4,
        maxLength: 9,
        selector: ([name]) => name,
      }),
    }),
    entry: fc.oneof(
      { maxDepth: 3 },
      { weight: 6, arbitrary: file },
      { weight: 2, arbitrary: link },
      { weight: 1, arbitrary: fc.constant({ kind: 'fifo' as const }) },
      { weight: 4, arbitrary: tie('directory') },
    ),
  }),
).directory;

/** Makes `entry` at `path`. Ages count back from `nowMs`, less half an hour: no filter of a test is that close. */
export function plantTree(path: string, entry: RandomEntry, nowMs: number): void {
  if (entry.kind === 'link') symlinkSync(entry.target, path);
  else if (entry.kind === 'fifo') execFileSync('mkfifo', [path]);
  else if (entry.kind === 'directory') {
    mkdirSync(path);
    for (const [name, inner] of entry.entries) plantTree(join(path, name), inner, nowMs);
  } else {
    writeFileSync(path, contentOf(entry));
    chmodSync(path, entry.mode);
    const seconds = Math.floor(nowMs / 1000) - entry.ageDays * 86_400 - 1800;
    lutimesSync(path, seconds, seconds);
  }
}

function contentOf({ lines: of, endsWithNewline, repeat, isCompressed }: RandomFile): Buffer {
  const once = of.map((line) => `${line}\n`).join('');
  const text = Buffer.from(endsWithNewline ? once.repeat(repeat) : once.repeat(repeat).replace(/\n$/, ''));
  return isCompressed ? gzipSync(text) : text;
}
