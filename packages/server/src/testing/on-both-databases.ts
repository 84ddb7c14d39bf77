/** The same tests on the embedded database and on a PostgreSQL server of their own. */
import { startPostgres, type TestPostgres } from '@mig/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { type Database, openDatabase } from '../database/open-database.ts';
import { openTestDatabase } from './open-test-database.ts';

/** Defines tests twice; `database` gives, within a test, the one that it is for: migrated, and shared by the tests. */
export function onBothDatabases(define: (database: () => Database) => void): void {
  describe.each(['the embedded database', 'a PostgreSQL server'])('on %s', (engine) => {
    let server: TestPostgres | undefined;
    let database: Database | undefined;
    beforeAll(async () => {
      server = engine === 'a PostgreSQL server' ? await startPostgres() : undefined;
      database = server === undefined ? await openTestDatabase() : await openDatabase({ url: server.url });
    });
    afterAll(async () => {
      await database?.close();
      await server?.close();
    });
    define(() => database!);
  });
}
