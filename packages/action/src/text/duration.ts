/** Durations as Go writes them (https://pkg.go.dev/time#ParseDuration), and with days: `300ms`, `90s`, `1h30m`, `7d`. */
import { actionError } from '../errors/refusal.ts';

const millisecondsPer: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3600e3,
  d: 86_400e3,
};

const wholeExpiration = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d))+$/;
const oneUnit = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h|d)/g;

/** Gives the milliseconds that `text` means. Throws DURATION_INVALID; `what` names the value in the error. */
export function parseExpiration(text: string, what = 'expiration'): number {
  if (text.length > 64 || !wholeExpiration.test(text)) throw actionError('DURATION_INVALID', { what, value: text });
  let milliseconds = 0;
  for (const [, amount, unit] of text.matchAll(oneUnit)) milliseconds += Number(amount) * millisecondsPer[unit!]!;
  return milliseconds;
}

/** Writes `milliseconds` (0 or more) as people read them, to the millisecond: `1h30m`, `5m`, `1.5s`, `300ms`. */
export function formatExpiration(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  if (whole < 1000) return `${whole}ms`;
  const hours = Math.floor(whole / 3600e3);
  const minutes = Math.floor(whole / 60e3) % 60;
  const seconds = (whole % 60e3) / 1000;
  return `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${seconds > 0 ? `${seconds}s` : ''}`;
}
