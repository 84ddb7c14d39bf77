/** A page of a list: one more row is read than is wanted, and tells whether there is more. */
import type { Page } from '@mig/api';

/** Reads a page of at most `limit` items; `cursorOf` says where the next one begins. */
export async function readPage<Item>(
  limit: number,
  read: (count: number) => Promise<readonly Item[]>,
  cursorOf: (last: Item) => string,
): Promise<Page<Item>> {
  const rows = await read(limit + 1);
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? cursorOf(items.at(-1)!) : null };
}

/** A cursor that is a number; undefined when it is none. */
export function numberCursor(after: string | undefined): number | undefined {
  return after !== undefined && /^\d{1,15}$/.test(after) ? Number(after) : undefined;
}
