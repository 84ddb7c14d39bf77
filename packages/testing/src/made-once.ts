/** What takes long to make, and that several test files begin with: made once for a run of tests. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of this process, where no run of tests says where to keep it (`test/one-run.ts`). */
let own: string | undefined;

/**
 * The directory `name` of this run, filled by `make` where nobody has done it yet; read it, or copy it. Of several that
 * make it at the same time, the first is heard.
 */
export async function madeOnce(name: string, make: (directory: string) => Promise<void>): Promise<string> {
  const run = process.env['MIG_TEST_RUN'] ?? ownRun();
  const kept = join(run, name);
  if (existsSync(kept)) return kept;
  const made = mkdtempSync(join(run, 'new-'));
  const directory = join(made, 'made');
  mkdirSync(directory);
  await make(directory);
  try {
    renameSync(directory, kept);
  } catch (error) {
    if (!existsSync(kept)) throw error;
  }
  rmSync(made, { recursive: true, force: true });
  return kept;
}

function ownRun(): string {
  if (own !== undefined) return own;
  const directory = mkdtempSync(join(tmpdir(), 'mig-test-run-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  own = directory;
  return directory;
}
