/** Sizes and ages as people write them in filters. */

/** A bound on a number, inclusive. */
export interface Bound {
  readonly low: number;
  readonly high: number;
}

const bytesPer: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };
const msPer: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000 };

/** `<10m`, `>500`, `4k`: the sizes in bytes that pass; undefined when `text` is none. */
export function parseSizeFilter(text: string): Bound | undefined {
  const [, sign, digits, unit] = /^([<>]?)(\d{1,15})([kmgt]?)$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const size = Number(digits) * bytesPer[unit!.toLowerCase()]!;
  return { low: sign === '<' ? 0 : size, high: sign === '>' ? Infinity : size };
}

/** `<90d`: changed since then; `>5h`: before. Gives the ages in milliseconds that pass; undefined when `text` is none. */
export function parseAge(text: string): Bound | undefined {
  const [, sign, digits, unit] = /^([<>])(\d{1,9})([dhm])$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const age = Number(digits) * msPer[unit!]!;
  return sign === '<' ? { low: -Infinity, high: age } : { low: age, high: Infinity };
}

export function isWithin({ low, high }: Bound, value: number): boolean {
  return value >= low && value <= high;
}
