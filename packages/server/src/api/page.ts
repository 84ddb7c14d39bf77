/** Pages of lists, and the cursors between them. A cursor that this server did not make is refused. */
import { Uuid } from '@mig/action';
import type { Page } from '@mig/api';
import type { NameCursor } from '../database/name-cursor.ts';
import { Refused } from './api-context.ts';

/** Reads a page of at most `limit` items, and one more that tells whether there is a next page. */
export async function readPage<Item>(
  limit: number,
  read: (count: number) => Promise<readonly Item[]>,
  cursorOf: (last: Item) => string,
): Promise<Page<Item>> {
  const rows = await read(limit + 1);
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? cursorOf(items.at(-1)!) : null };
}

/** A cursor that is a number. Throws Refused. */
export function numberCursor(after: string | undefined): number | undefined {
  if (after === undefined) return undefined;
  if (/^\d{1,15}$/.test(after)) return Number(after);
  throw strange(after);
}

/** A cursor that is an id. Throws Refused. */
export function idCursor(after: string | undefined): Uuid | undefined {
  if (after === undefined || Uuid.safeParse(after).success) return after;
  throw strange(after);
}

/** A cursor of a list by name. Throws Refused. */
export function nameCursor(after: string | undefined): NameCursor | undefined {
  if (after === undefined) return undefined;
  const [id, name] = [after.slice(0, 36), after.slice(37)];
  if (Uuid.safeParse(id).success && after[36] === ' ') return { id, name };
  throw strange(after);
}

/** The cursor behind an item of a list by name. */
export function nameCursorOf({ id, name }: NameCursor): string {
  return `${id} ${name}`;
}

function strange(after: string): Refused {
  return new Refused('BAD_REQUEST', `query: after: expected the next of a page before, got '${after}'`);
}
