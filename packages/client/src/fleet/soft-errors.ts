/**
 * What agents could not look at, where the answers that are printed do not say it: "found nothing" is not the whole
 * answer of a machine on which a folder was missing or could not be read.
 */
import { printable, type Result } from '@mig/module';

/** So many messages are printed. */
const mostTold = 3;
/** So many different messages are kept apart; further ones are counted. */
const mostKept = 10_000;

type Outcome = Pick<Result, 'success' | 'errors'>;

export interface SoftErrors {
  /** Takes what one agent answered. A hard error is no soft one, and is left to others. */
  add(results: readonly Outcome[] | null): void;
  /** The messages that most agents have, and how many others there are; nothing when there were none. `hint` prints all. */
  lines(hint: string): string[];
}

export function countSoftErrors(): SoftErrors {
  const agentsByMessage = new Map<string, number>();
  let agents = 0;
  let others = 0;

  return {
    add(results) {
      const messages = new Set(results?.flatMap(({ success, errors }) => (success && errors) || []));
      if (messages.size === 0) return;
      agents++;
      for (const message of messages) {
        const count = agentsByMessage.get(message);
        if (count === undefined && agentsByMessage.size >= mostKept) others++;
        else agentsByMessage.set(message, (count ?? 0) + 1);
      }
    },

    lines(hint) {
      if (agents === 0) return [];
      const sorted = [...agentsByMessage].sort(([, a], [, b]) => b - a);
      const told = sorted.slice(0, mostTold);
      const more = sorted.slice(mostTold).reduce((sum, [, count]) => sum + count, others);
      return [
        `${agents} ${agents === 1 ? 'agent' : 'agents'} could not look at everything:`,
        ...told.map(([message, count]) => `  ${printable(message)}${count > 1 ? ` (${count} agents)` : ''}`),
        ...(more > 0 ? [`  and ${more} more: ${hint} prints all`] : agents > 1 ? [`  ${hint} says which`] : []),
      ];
    },
  };
}
