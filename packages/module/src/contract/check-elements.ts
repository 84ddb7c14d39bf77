/** The last check before an answer leaves the process: metadata in the declared shape, and no more than that. */
import type { z } from 'zod';
import type { AnyModule, Findings } from './define-module.ts';
import { asWritten } from './parsing.ts';
import { longestStringBytes } from './result.ts';
import { describeIssues } from './validation.ts';

/**
 * Checks what a run returned against the module's schemas, in their key order. Throws an Error that names the first
 * thing that may not leave: an unknown key, a wrong type, a text over 4 KiB.
 */
export function checkFindings(module: AnyModule, findings: Findings<unknown, unknown>): Findings<unknown, unknown> {
  return {
    foundanything: findings.foundanything,
    elements: check(module, 'elements', module.elements, findings.elements),
    statistics: check(module, 'statistics', module.statistics, findings.statistics),
  };
}

function check(module: AnyModule, part: string, schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value, asWritten);
  if (!parsed.success) {
    const problem = describeIssues(parsed.error.issues, value).replace(/^parameters?/, part);
    throw new Error(`module ${module.name} answered outside its declared ${part}: ${problem}`);
  }
  const overlong = findLongString(parsed.data);
  if (overlong !== undefined) {
    const limit = `expected at most ${longestStringBytes} bytes of text`;
    throw new Error(`module ${module.name} answered more than metadata: ${part}${overlong}: ${limit}`);
  }
  return parsed.data;
}

/** Where in `value` a text is too long, as `.key.key`; undefined when none is. */
function findLongString(value: unknown): string | undefined {
  if (typeof value === 'string') return isTooLong(value) ? '' : undefined;
  if (value === null || typeof value !== 'object') return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (isTooLong(key)) return ' (a key)';
    const found = findLongString(inner);
    if (found !== undefined) return `.${key}${found}`;
  }
  return undefined;
}

const encoder = new TextEncoder();

function isTooLong(text: string): boolean {
  return text.length * 3 > longestStringBytes && encoder.encode(text).length > longestStringBytes;
}
