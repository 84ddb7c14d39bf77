/** PGlite as a pool of one connection, in the shape that Kysely's PostgreSQL dialect takes. */
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { readers } from './values.ts';

export interface EmbeddedPool {
  readonly pool: PostgresPool;
  readonly pglite: PGlite;
  /** How long nobody has asked it, in milliseconds. */
  readonly quietForMs: () => number;
}

/** Opens the database in `directory`, which is made when it is not there; undefined keeps it in memory. */
export async function openEmbedded(directory: string | undefined, template?: string): Promise<EmbeddedPool> {
  if (directory !== undefined && !existsSync(directory) && template !== undefined && existsSync(template)) {
    await unpackDatabase(template, directory);
  }
  const pglite = await PGlite.create({ ...(directory === undefined ? {} : { dataDir: directory }), parsers: readers });
  await pglite.exec("SET timezone = 'UTC'");
  return { pglite, ...poolOf(pglite) };
}

/** All or nothing: whoever is killed here leaves no half of a database. */
async function unpackDatabase(template: string, directory: string): Promise<void> {
  const beside = `${directory}.new`;
  rmSync(beside, { recursive: true, force: true });
  const made = await PGlite.create({ dataDir: beside, loadDataDir: new Blob([readFileSync(template)]) });
  await made.close();
  renameSync(beside, directory);
}

function poolOf(pglite: PGlite): Omit<EmbeddedPool, 'pglite'> {
  let last: Promise<void> = Promise.resolve();
  let asking = 0;
  let lastAsked = performance.now();
  const pool = {
    async connect() {
      const before = last;
      let release: () => void = () => {};
      asking++;
      last = new Promise((resolve) => {
        release = () => {
          asking--;
          lastAsked = performance.now();
          resolve();
        };
      });
      await before;
      return clientOf(pglite, release);
    },
    async end() {
      await last;
      await pglite.close();
    },
  } as PostgresPool;
  return { pool, quietForMs: () => (asking > 0 ? 0 : performance.now() - lastAsked) };
}

function clientOf(pglite: PGlite, release: () => void): PostgresPoolClient {
  return {
    async query(text: string, parameters: readonly unknown[]) {
      const { rows, affectedRows, fields } = await pglite.query(text, [...parameters]);
      const command = text.trimStart().slice(0, 6).toUpperCase();
      return { command, rows, fields, rowCount: command === 'SELECT' ? rows.length : (affectedRows ?? rows.length) };
    },
    release,
  } as unknown as PostgresPoolClient;
}
