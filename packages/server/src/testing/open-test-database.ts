/** The embedded database for a test: a copy of one that is made once, since to make one anew takes seconds of computing. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { madeOnce, makeQuickFolder } from '@mig/testing';
import { openEmbedded } from '../database/embedded-pool.ts';
import { type Database, openDatabase } from '../database/open-database.ts';

/** What the build makes for new servers, where there was one. */
const template = join(import.meta.dirname, '../../dist/empty-database.tar.gz');

/** Opens a database of its own, migrated; `close` removes it. */
export async function openTestDatabase(): Promise<Database> {
  const folder = makeQuickFolder('mig-database-');
  const directory = join(folder, 'database');
  const migrated = await madeOnce('migrated-database', async (made) => {
    const database = await openDatabase({ url: join(made, 'database'), template });
    await database.close();
  });
  cpSync(join(migrated, 'database'), directory, { recursive: true });
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
export async function makeEmptyDatabase(directory: string): Promise<void> {
  const { pool } = await openEmbedded(directory, template);
  await pool.end();
}
