/** Which action a person means: by its whole id, or a part of it that fits one alone. */
import { Uuid } from '@mig/action';
import { listActions } from '@mig/api';
import { Misuse } from '../misuse.ts';
import type { Platform } from '../platform/platform.ts';
import type { Hints } from './hints.ts';

/** Gives the id that `text` is the beginning or the end of. Throws Misuse when it is of none or of several. */
export async function findActionId(platform: Platform, text: string, hints: Pick<Hints, 'actions'>): Promise<Uuid> {
  const whole = Uuid.safeParse(requireActionId(text));
  if (whole.success) return whole.data;
  const { items } = await platform.call(listActions, { query: { id: text.toLowerCase(), limit: 3 } });
  if (items.length === 1) return items[0]!.id;
  if (items.length === 0) throw new Misuse(`no action has an id like '${text}': ${hints.actions} lists them`);
  throw new Misuse(
    `'${text}' fits several actions: ${items.map(({ id }) => id).join(', ')}${items.length > 2 ? ', …' : ''}`,
  );
}

/** Gives `text` when it can be an action's id, or a part of one. Throws Misuse. */
export function requireActionId(text: string): string {
  if (/^[0-9a-f-]{4,36}$/i.test(text)) return text;
  throw new Misuse(`expected an action's id, or at least 4 of its first or last characters, got '${text}'`);
}
