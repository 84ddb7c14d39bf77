/** Alerts to hand to an instance under test. */
import type { RaisedAlert } from '@mig/module';

/** The `number`th alert of `module`. */
export function alertOf(module: string, number: number, fields: Record<string, unknown> = {}): RaisedAlert {
  const time = new Date(Date.UTC(2026, 0, 1) + number).toISOString();
  return { id: `${module}-${number}`, module, time, message: `alert ${number}`, fields: { number, ...fields } };
}
