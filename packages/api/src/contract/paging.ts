/**
 * Lists come in pages: `after` is the cursor of the page before, and null when there is no more. Who asks for
 * `application/x-ndjson` gets all of a list from there on, one item a line.
 */
import { z } from 'zod';
import type { AnyEndpoint } from './endpoint.ts';

export const PageQuery = z.object({
  after: z.string().max(512).optional().describe('The `next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Most items of a page.'),
});

/** Media type of a whole list, one item a line. */
export const ndjson = 'application/x-ndjson';

/** Whether `endpoint` is a list in pages. */
export function isList({ query, events }: AnyEndpoint): boolean {
  return events === undefined && 'limit' in (query as typeof PageQuery).shape;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** The schema of a page of `item`. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item).readonly(), next: z.string().nullable() }).readonly();
}
