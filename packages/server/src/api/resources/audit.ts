/** Who did what through the platform. */
import { listAudit, verifyAudit } from '@mig/api';
import * as log from '../../audit/audit-log.ts';
import { numberCursor, readPage } from '../page.ts';
import type { Router } from '../route.ts';

export function routeAudit({ context, on }: Router): void {
  const { db } = context.database;

  on(listAudit, ({ query: { after, limit } }) => {
    const before = numberCursor(after);
    return readPage(
      limit,
      (count) => log.listAudit(db, { before, limit: count }),
      ({ number }) => String(number),
    );
  });

  on(verifyAudit, () => log.verifyAudit(db));
}
