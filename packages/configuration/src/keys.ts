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
