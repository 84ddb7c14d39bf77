/** `alerts`: the last ones, and then each as it comes. */

import { listAlerts } from '@mig/api';
import { alertLine, alerts as command } from '../../commands/alerts.ts';
import { splitWords } from '../input/words.ts';
import type { Order } from '../mode.ts';

const earlier = 10;

export const alerts: Order = {
  names: ['alerts'],
  usage: 'alerts [-t TARGET] [-module NAME] [-n N|all]',
  summary: 'Shows the last alerts, and each that comes until ctrl-c; with -n, lists that many.',
  complete: () => ['-t', '-module', '-n'],
  async run(rest, { platform, terminal, context, page, isWatched }) {
    const words = splitWords(rest);
    if (words.some((word) => /^--?n(=|$)/.test(word)) || !isWatched) {
      const lines: string[] = [];
      await command.run(words, { ...terminal, print: (line) => void lines.push(line) }, context);
      return page(lines);
    }
    const { items } = await platform.call(listAlerts, { query: { limit: earlier } });
    if (words.length === 0) for (const alert of items.toReversed()) terminal.print(alertLine(alert));
    terminal.remark('alerts are printed as they come; ctrl-c ends this');
    await command.run([...words, '-f'], terminal, context);
  },
};
