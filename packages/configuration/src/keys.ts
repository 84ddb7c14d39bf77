/** The keys of a schema: what stands under `[table]` in the file and after `MIG_` in the environment. */
import { z } from 'zod';

export interface Key {
  /** From the outermost table in. */
  readonly path: readonly string[];
  readonly schema: z.ZodType;
  /** `MIG_TABLE_KEY`. */
  readonly variable: string;
}

/** All keys of `schema`, in its order. Tables are objects in it, with or without a default. */
export function keysOf(schema: z.ZodObject, path: readonly string[] = []): Key[] {
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    const here = [...path, name];
    const inner = unwrap(field as z.ZodType);
    if (inner instanceof z.ZodObject) return keysOf(inner, here);
    return [{ path: here, schema: field as z.ZodType, variable: `MIG_${here.join('_').toUpperCase()}` }];
  });
}

/** The schema behind `.optional()` and defaults. */
export function unwrap(schema: z.ZodType): z.ZodType {
  const isWrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return isWrapped ? unwrap(schema.unwrap() as z.ZodType) : schema;
}

/** The names that may stand in the table at `path`, in the order of the schema; none where it has no table. */
export function keysIn(schema: z.ZodType, path: readonly string[]): string[] {
  const here = unwrap(schema);
  const [name, ...rest] = path;
  if (name === undefined) return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
  if (here instanceof z.ZodObject && Object.hasOwn(here.shape, name))
    return keysIn(here.shape[name] as z.ZodType, rest);
  if (here instanceof z.ZodArray) return keysIn(here.element as z.ZodType, rest);
  if (here instanceof z.ZodRecord) return keysIn(here.valueType as z.ZodType, rest);
  return [];
}
