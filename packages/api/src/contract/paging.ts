/** Lists come in pages: `after` is the cursor of the page before, and null when there is no more. */
import { z } from 'zod';

export const PageQuery = z.object({
  after: z.string().max(256).optional().describe('The `next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Most items of a page.'),
});

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** The schema of a page of `item`. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item).readonly(), next: z.string().nullable() }).readonly();
}
