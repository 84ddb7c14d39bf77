/** Results as lines for people. */
import type { AnyModule } from './define-module.ts';
import type { Result } from './result.ts';

/**
 * Lines for `result`, which came from `module`: its findings, and unless `matchOnly`, its errors and statistics.
 * A result that does not fit the module's declaration (a newer agent's, say) is printed as JSON rather than dropped.
 */
export function printResults(module: AnyModule, result: Result, matchOnly = false): string[] {
  const lines = elementLines(module, result);
  if (matchOnly) return lines;
  for (const error of result.errors ?? []) lines.push(`error: ${printable(error)}`);
  if (result.statistics !== null && result.statistics !== undefined)
    lines.push(...statisticLines(module, result.statistics));
  return lines;
}

function elementLines(module: AnyModule, result: Result): string[] {
  if (result.elements === null || result.elements === undefined) return [];
  const elements = module.elements.safeParse(result.elements);
  if (!elements.success) return [`elements: ${JSON.stringify(result.elements)}`];
  return [...(module.printElements?.(elements.data) ?? namedLines(elements.data, ''))].map(printable);
}

function statisticLines(module: AnyModule, given: unknown): string[] {
  const statistics = module.statistics.safeParse(given);
  if (!statistics.success) return [`stat: ${JSON.stringify(given)}`];
  const lines: Iterable<string> = module.printStatistics?.(statistics.data) ?? namedLines(statistics.data, '');
  return [...lines].map((line) => `stat: ${printable(line)}`);
}

function* namedLines(value: unknown, name: string): Generator<string> {
  if (Array.isArray(value)) for (const inner of value) yield* namedLines(inner, name);
  else if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) yield* namedLines(inner, name === '' ? key : `${name} ${key}`);
  } else yield name === '' ? String(value) : `${name}: ${String(value)}`;
}

/** Control characters escaped: a file name must not drive the terminal of the person who reads it. */
export function printable(line: string): string {
  return line.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}
