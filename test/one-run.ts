/** Before and after all tests of a run: a directory for what several test files use and one of them makes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes the directory, and names it in the environment of the workers; gives what removes it. */
export function setup(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'mig-test-run-'));
  process.env['MIG_TEST_RUN'] = directory;
  return () => rmSync(directory, { recursive: true, force: true });
}
