/** Actions: launched, listed, cancelled. Their commands have a file of their own. */
import { cancelAction, createAction, getAction, getEnvelope, listActions } from '@mig/api';
import { appendAudit } from '../../audit/audit-log.ts';
import * as actions from '../../database/actions.ts';
import { cancelCommands, toldOf } from '../../database/commands.ts';
import { inTransaction } from '../../database/in-turn.ts';
import { Refused, required } from '../api-context.ts';
import { launch } from '../launch.ts';
import { idCursor, readPage } from '../page.ts';
import type { Router } from '../route.ts';

export function routeActions({ context, on }: Router): void {
  const { db } = context.database;
  const find = async (id: string) => required(await actions.findAction(db, id), `action ${id}`);

  on(createAction, async ({ body, caller }) => find(await launch(context, body, caller)));

  on(listActions, ({ query: { after, limit, ...filter } }) => {
    const cursor = idCursor(after);
    const read = (count: number) => actions.listActions(db, filter, { after: cursor, limit: count });
    return readPage(limit, read, ({ id }) => id);
  });

  on(getAction, ({ params: { id } }) => find(id));

  on(getEnvelope, async ({ params: { id } }) => required(await actions.findEnvelope(db, id), `action ${id}`));

  on(cancelAction, async ({ params: { id }, body: { reason }, caller }) => {
    const { status } = await find(id);
    if (status === 'finished') throw new Refused('CONFLICT', `action ${id} is finished: nothing is left to cancel`);
    // Followers, and agents that are connected, are told who it was.
    const cancellation = { by: caller.name, reason };
    const running = await inTransaction(db, async (transaction) => {
      const sent = await cancelCommands(transaction, id, cancellation);
      const details = { reason };
      await appendAudit(transaction, { actor: caller.name, event: 'action cancelled', subject: id, details });
      return sent;
    });
    for (const { agentid, ...command } of running) context.cancel?.(agentid, command, toldOf(cancellation));
    return find(id);
  });
}
