/** What can be configured, for the documentation and for `--help`. */
import { z } from 'zod';
import { keysOf } from './keys.ts';

export interface KeyDescription {
  /** As it stands in the file: `table.key`. */
  readonly key: string;
  readonly variable: string;
  readonly description: string;
  /** As TOML writes it; empty when there is none. */
  readonly standard: string;
}

/** Describes every key of `schema`, in its order. */
export function describeKeys(schema: z.ZodObject): KeyDescription[] {
  return keysOf(schema).map(({ path, variable, schema: field }) => ({
    key: path.join('.'),
    variable,
    description: field.description ?? '',
    standard: field instanceof z.ZodDefault ? JSON.stringify(field.def.defaultValue) : '',
  }));
}
