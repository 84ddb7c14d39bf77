/** Where a list by name goes on: behind this one. Names need not differ, ids do. */
import type { Uuid } from '@mig/action';

export interface NameCursor {
  readonly id: Uuid;
  readonly name: string;
}
