/**
 * The embedded database for a test: a copy of one that is kept in node_modules/.cache, since to make one anew takes
 * seconds of computing.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { openEmbedded } from '../database/embedded-pool.ts';
import { type Database, openDatabase } from '../database/open-database.ts';

const cache = join(import.meta.dirname, '../../../../node_modules/.cache/mig-test-database');

/** Opens a database of its own, migrated; `close` removes it. */
export async function openTestDatabase(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'mig-database-'));
  const directory = join(folder, 'database');
  await copyEmptyDatabase(directory);
  const database = await openDatabase({ url: directory });
  return {
    ...database,
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Makes an embedded database without tables in `directory`. */
export async function copyEmptyDatabase(directory: string): Promise<void> {
  cpSync(await findTemplate(), directory, { recursive: true });
}

/** The directory of a database without tables. Of several that make it at the same time, the first is heard. */
async function findTemplate(): Promise<string> {
  const main = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const text = readFileSync(join(dirname(main), '..', 'package.json'), 'utf8');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(text));
  const kept = join(cache, version);
  if (existsSync(kept)) return kept;
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, 'new-'));
  const { pool } = await openEmbedded(join(made, 'database'));
  await pool.end();
  try {
    renameSync(join(made, 'database'), kept);
  } catch (error) {
    if (!existsSync(kept)) throw error;
  }
  rmSync(made, { recursive: true, force: true });
  return kept;
}
