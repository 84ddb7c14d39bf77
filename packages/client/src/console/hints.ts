/** What can be typed next in the console, by place. */
import type { Hints } from '../fleet/hints.ts';

/** Where the console begins. */
export const baseHints: Hints = {
  missing: (id) => `action ${id}, then missing,`,
  all: (id) => `results ${id} -show all`,
  follow: (id) => `results ${id} -f`,
  cancel: (id) => `cancel ${id}`,
  actions: 'actions',
  hasty: '-y',
};

/** At the action that the hint is about. */
export const actionHints: Hints = {
  ...baseHints,
  missing: () => 'missing',
  all: () => 'results all',
  follow: () => 'follow',
  cancel: () => 'cancel',
};

/** At an action that is being made. */
export const draftHints: Hints = { ...baseHints, hasty: 'launch now' };
