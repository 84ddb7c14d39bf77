/** A tree of files that filters tell apart: names, sizes, modes, times, contents. */
import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

const names = ['a', 'ab.txt', 'b', 'B.TXT', 'c.txt', 'abc', '.hidden', 'with space', 'é', 'a.gz', 'zz'];
const lines = [
  'needle',
  'hay',
  'HAY',
  '',
  'stack12',
  'stack1',
  'a needle here',
  'lower',
  'x\r',
  'binary\0needle',
  '\u00e9t\u00e9',
  'twelve bytes',
];
const modes = [0o644, 0o600, 0o755, 0o4755, 0o444];
const agesDays = [0, 1, 2.05, 3, 400];

interface Entry {
  readonly folders: readonly string[];
  readonly name: string;
  readonly lines: readonly string[];
  readonly endsLine: boolean;
  readonly times: number;
  readonly mode: number;
  readonly ageDays: number;
}

const entry: fc.Arbitrary<Entry> = fc.record({
  folders: fc.array(fc.constantFrom('d1', 'd2', 'deep'), { maxLength: 3 }),
  name: fc.constantFrom(...names),
  lines: fc.array(fc.constantFrom(...lines), { maxLength: 6 }),
  endsLine: fc.boolean(),
  times: fc.constantFrom(1, 1, 1, 1, 40, 9000),
  mode: fc.constantFrom(...modes),
  ageDays: fc.constantFrom(...agesDays),
});

/** Writes a tree below `root`, the same for the same seed. */
export function writeTree(root: string, seed: number): void {
  const [entries = []] = fc.sample(fc.array(entry, { minLength: 12, maxLength: 30 }), { seed, numRuns: 1 });
  mkdirSync(root, { recursive: true });
  for (const { folders, name, lines, endsLine, times, mode, ageDays } of entries) {
    const folder = join(root, ...folders);
    mkdirSync(folder, { recursive: true });
    const path = join(folder, name);
    writeFileSync(
      path,
      Array.from({ length: times }, () => lines.join('\n')).join('\n') + (endsLine && lines.length > 0 ? '\n' : ''),
    );
    chmodSync(path, mode);
    const seconds = Date.now() / 1000 - ageDays * 86_400 - 5;
    utimesSync(path, seconds, seconds);
  }
}
