/** `mig help`: what can be typed. */
import type { Command } from './command.ts';
import { helpOn, helpText } from './help-pages.ts';

export const help: Command = {
  names: ['help', '-h', '-help'],
  usage: 'mig help [MODULE|COMMAND]',
  summary: 'Prints this.',
  async run([name], terminal) {
    for (const line of name === undefined ? helpText() : helpOn(name)) terminal.print(line);
    return 0;
  },
};
