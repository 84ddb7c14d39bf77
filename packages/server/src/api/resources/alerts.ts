/** Alerts that modules on endpoints have raised. */
import { followAlerts, listAlerts } from '@mig/api';
import { type RawBuilder, sql } from 'kysely';
import * as alerts from '../../database/alerts.ts';
import { compileTarget } from '../../targeting/compile-target.ts';
import { selectAllAgents } from '../../targeting/select-agents.ts';
import type { ApiContext, Caller } from '../api-context.ts';
import { lastEventId } from '../last-event-id.ts';
import { numberCursor, readPage } from '../page.ts';
import type { Router } from '../route.ts';
import { conditionOf } from './targets.ts';

const pageLength = 50;

export function routeAlerts({ context, on, stream }: Router): void {
  const { database, wakes, readings } = context;
  const { db } = database;

  on(listAlerts, async ({ query: { after, limit, ...filters }, caller }) => {
    const filter = await (await filterOf(context, caller, filters))(alerts.hasAlerts());
    const before = numberCursor(after);
    await readings.note(db, { actor: caller.name, what: 'alerts', subject: filters.target ?? 'all' });
    return readPage(
      limit,
      (count) => alerts.listAlerts(db, filter, { before, limit: count }),
      ({ change }) => String(change),
    );
  });

  stream(followAlerts, async ({ query: { after, ...filters }, caller, request }) => {
    const filter = await filterOf(context, caller, filters);
    let cursor = lastEventId(request) ?? after ?? (await alerts.lastAlert(db));
    await readings.note(db, { actor: caller.name, what: 'alerts', subject: filters.target ?? 'all' });
    const read = async () => alerts.newAlerts(db, await filter(alerts.hasAlerts(cursor)), cursor, pageLength);
    // A target that fails only when it is evaluated is refused, and not a stream that breaks again and again.
    await filter(sql<boolean>`true`);
    return async (events) => {
      const stop = wakes.on('mig_alerts', undefined, () => events.wake());
      try {
        while (!events.isGone) {
          const page = await read();
          for (const alert of page) {
            await events.send('alert', alert, alert.change);
            cursor = alert.change;
          }
          if (page.length === 0) await events.wait();
        }
      } finally {
        stop();
      }
    };
  });
}

/** Gives what finds out which alerts are wanted now, of the agents `among` all: they change, and with them whom a target selects. */
async function filterOf(
  context: ApiContext,
  caller: Caller,
  { target, module }: { readonly target?: string | undefined; readonly module?: string | undefined },
): Promise<(among: RawBuilder<boolean>) => Promise<alerts.AlertFilter>> {
  if (target === undefined) return async () => ({ module });
  const condition = await compileTarget(await conditionOf(context, caller, target));
  return async (among) => ({ module, agentids: await selectAllAgents(context.database.db, condition, among) });
}
