/** How far an action is, in one line. */
import type { ActionSummary, Counters } from '@mig/api';
import { formatDuration, printable } from '@mig/module';

const width = 16;

/** A bar with numbers, for the line that is written again and again. */
export function progressLine({ targeted, done, found }: Counters, elapsedMs: number, expireafter: string): string {
  const filled = targeted === 0 ? width : Math.floor((done / targeted) * width);
  const bar = `${'#'.repeat(filled)}${'.'.repeat(width - filled)}`;
  const leftMs = Math.max(0, Date.parse(expireafter) - Date.now());
  const seconds = (ms: number) => formatDuration(Math.round(ms / 1000) * 1000);
  return `[${bar}] ${done}/${targeted} done, ${found} found, ${seconds(elapsedMs)}, ${seconds(leftMs)} left; ctrl-c stops following`;
}

/** What became of an action: of all its commands, and, when it was cancelled, who did that and why. */
export function outcomeLines({ counters, cancellation }: Pick<ActionSummary, 'counters' | 'cancellation'>): string[] {
  if (cancellation === null) return [summaryLine(counters)];
  return [summaryLine(counters), `cancelled ${cancellationText(cancellation)}`];
}

/** `by Dana: wrong target`. */
export function cancellationText({ by, reason }: NonNullable<ActionSummary['cancellation']>): string {
  return printable(`by ${by}: ${reason}`);
}

/** What became of all commands. */
export function summaryLine(counters: Counters): string {
  const { delivered, pending, done, success, found } = counters;
  const others = (['failed', 'timeout', 'cancelled', 'expired'] as const)
    .filter((status) => counters[status] > 0)
    .map((status) => `${counters[status]} ${status}`);
  const waiting = pending > 0 ? [`${pending} not sent yet`] : [];
  const numbers = [`${delivered} sent`, `${done} done`, `${success} succeeded`, `${found} found`];
  return [...numbers, ...others, ...waiting].join(', ');
}
