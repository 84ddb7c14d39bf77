/** What the platform is, told to anybody. */
import { getStatus } from '@mig/api';
import { sql } from 'kysely';
import type { Router } from '../route.ts';

export function routeStatus({ context, on }: Router): void {
  const { database, fleet, version } = context;

  on(getStatus, async () => {
    const ready = await sql`SELECT 1`.execute(database.db).then(
      () => true,
      () => false,
    );
    return { fleet, version, ready, time: new Date().toISOString() };
  });
}
