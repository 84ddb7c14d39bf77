/** Durations as Go writes them (https://pkg.go.dev/time#ParseDuration): `300ms`, `90s`, `1h30m`, `1.5h`. */
import { z } from 'zod';

const nanosecondsPer: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

// The two letters that stand for micro are escaped: see onlyAscii in tools/build.ts.
const wholeDuration = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/;
const oneUnit = /(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g;

/** Gives the milliseconds that `text` means, or undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (text.length > 64 || !wholeDuration.test(text)) return undefined;
  let nanoseconds = 0;
  for (const [, amount, unit] of text.matchAll(oneUnit)) nanoseconds += Number(amount) * nanosecondsPer[unit!]!;
  return (text.startsWith('-') ? -nanoseconds : nanoseconds) / 1e6;
}

/** Writes `milliseconds` (fractions count, down to the nanosecond) the way Go prints a duration: `1h30m0s`, `1.5ms`. */
export function formatDuration(milliseconds: number): string {
  const nanoseconds = Math.round(Math.abs(milliseconds) * 1e6);
  const sign = milliseconds < 0 && nanoseconds > 0 ? '-' : '';
  if (nanoseconds === 0) return '0s';
  if (nanoseconds < 1e3) return `${sign}${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${sign}${nanoseconds / 1e3}µs`;
  if (nanoseconds < 1e9) return `${sign}${nanoseconds / 1e6}ms`;
  const hours = Math.floor(nanoseconds / 3600e9);
  const minutes = Math.floor(nanoseconds / 60e9) % 60;
  const seconds = `${Math.floor(nanoseconds / 1e9) % 60}${fraction(nanoseconds % 1e9)}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

/** How long ago `performance.now()` gave `started`, to the microsecond: what statistics hold. */
export function durationSince(started: number): string {
  return formatDuration(Math.round((performance.now() - started) * 1000) / 1000);
}

function fraction(nanoseconds: number): string {
  return nanoseconds === 0 ? '' : `.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}`;
}

/** A parameter that holds a duration; its value stays the text that was given. */
export const Duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, "expected a duration such as '300ms', '90s', '5m' or '1h30m'");

/**
 * A key that holds a duration from `least` to `most`, both included; its value stays the text that was given. `example` is
 * one that fits. Timers of Node wait 24 days at most: longer ones would end at once. Throws an Error where the example
 * does not fit.
 */
export function durationBetween(least: string, most: string, example: string) {
  const isBetween = (text: string) => {
    const milliseconds = parseDuration(text) ?? Number.NaN;
    return milliseconds >= parseDuration(least)! && milliseconds <= parseDuration(most)!;
  };
  if (!isBetween(example)) throw new Error(`expected a duration from ${least} to ${most} as example, got '${example}'`);
  return z.string().refine(isBetween, `expected a duration from ${least} to ${most}, such as ${example}`);
}
