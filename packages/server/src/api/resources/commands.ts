/** Commands and results of an action: in pages, all of them, or as they come. */

import { isDeepStrictEqual } from 'node:util';
import type { Uuid } from '@mig/action';
import { followAction, getCommand, listAgentCommands, listCommands } from '@mig/api';
import { findAction, findActionId } from '../../database/actions.ts';
import { findAgent } from '../../database/agents.ts';
import * as commands from '../../database/list-commands.ts';
import { required } from '../api-context.ts';
import type { EventWriter } from '../event-writer.ts';
import { lastEventId } from '../last-event-id.ts';
import { idCursor, nameCursor, nameCursorOf, readPage } from '../page.ts';
import type { Router } from '../route.ts';

const pageLength = 500;

export function routeCommands({ context, on, stream }: Router): void {
  const { database, wakes, readings } = context;
  const { db } = database;

  on(listCommands, async ({ params: { id }, query: { after, limit, ...filter }, caller }) => {
    const cursor = nameCursor(after);
    required(await findActionId(db, id), `action ${id}`);
    await readings.note(db, { actor: caller.name, what: 'results', subject: id });
    const { items, hasMore } = await commands.listCommands(db, id, filter, { after: cursor, limit });
    const last = items.at(-1);
    return { items, next: hasMore && last !== undefined ? nameCursorOf({ id: last.id, name: last.agentname }) : null };
  });

  on(getCommand, async ({ params: { id }, caller }) => {
    const command = required(await commands.findCommand(db, id), `command ${id}`);
    await readings.note(db, { actor: caller.name, what: 'results', subject: command.actionid });
    return command;
  });

  on(listAgentCommands, async ({ params: { id }, query: { after, limit } }) => {
    const cursor = idCursor(after);
    required(await findAgent(db, id), `agent ${id}`);
    const read = (count: number) => commands.commandsOfAgent(db, id, { after: cursor, limit: count });
    return readPage(limit, read, (last) => last.id);
  });

  stream(followAction, async ({ params: { id }, query: { after, found }, caller, request }) => {
    const from = lastEventId(request) ?? after ?? 0;
    required(await findActionId(db, id), `action ${id}`);
    await readings.note(db, { actor: caller.name, what: 'results', subject: id });
    return async (events) => {
      const stop = wakes.on('mig_commands', id, () => events.wake());
      try {
        await follow(events, id, { from, found });
      } finally {
        stop();
      }
    };
  });

  /** Writes what ends, and how far it is, until nothing is open any more. */
  async function follow(
    events: EventWriter,
    id: Uuid,
    { from, found }: { readonly from: number; readonly found: commands.CommandFilter['found'] },
  ): Promise<void> {
    let cursor = from;
    const writeEnded = async () => {
      for (let hasMore = true; hasMore && !events.isGone; ) {
        const page = await commands.endedCommands(db, id, { after: cursor, found, limit: pageLength });
        for (const command of page.items) {
          await events.send('command', command, command.change);
          cursor = command.change;
        }
        hasMore = page.hasMore;
      }
    };
    let told: unknown;
    while (!events.isGone) {
      await writeEnded();
      const action = required(await findAction(db, id), `action ${id}`);
      const { status, counters } = action;
      if (!isDeepStrictEqual(told, counters)) {
        told = counters;
        await events.send('progress', counters);
      }
      if ((status === 'finished' || status === 'cancelled') && counters.done === counters.targeted) {
        // What ended between the two looks.
        await writeEnded();
        await events.send('end', action);
        return;
      }
      await events.wait();
    }
  }
}
