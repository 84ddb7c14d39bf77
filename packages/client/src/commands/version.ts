/** `mig -V`. */
import type { Command } from './command.ts';

declare const MIG_VERSION: string | undefined;

export const version: Command = {
  names: ['version', '-V', '-version'],
  usage: 'mig version',
  summary: 'Prints the version.',
  async run(_words, terminal) {
    terminal.print(typeof MIG_VERSION === 'string' ? MIG_VERSION : '0.0.0-source');
    return 0;
  },
};
