/** `mig -V`. */
import type { Command } from './command.ts';
import { noWords } from './read-words.ts';

declare const MIG_VERSION: string | undefined;

export const version: Command = {
  names: ['version', '-V', '-version'],
  usage: 'mig version',
  summary: 'Prints the version.',
  async run(words, terminal) {
    noWords('version', words);
    terminal.print(typeof MIG_VERSION === 'string' ? MIG_VERSION : '0.0.0-source');
    return 0;
  },
};
