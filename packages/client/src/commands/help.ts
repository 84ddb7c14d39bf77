/** `mig help`: what can be typed. */
import { available } from '@mig/modules';
import type { Command } from './command.ts';
import { commands } from './list.ts';

export const help: Command = {
  names: ['help', '-h', '-help'],
  usage: 'mig help',
  summary: 'Prints this.',
  async run(_words, terminal) {
    for (const line of helpText()) terminal.print(line);
    return 0;
  },
};

function helpText(): string[] {
  const modules = available.modules.map(({ name, summary }): [string, string] => [name, summary]);
  const others = commands.map(({ usage, summary }): [string, string] => [usage, summary]);
  return [
    'usage: mig <module> [-t <target>] [-show found|notfound|all] [-json] <parameters of the module>',
    '       mig <module> help               its parameters, with examples',
    '       mig <module> -t <target> prompt  asks for them one by one',
    '',
    'Modules:',
    ...columns(modules),
    '',
    'Commands:',
    ...columns(others),
    '',
    'Examples:',
    '  mig file -t local -path /etc -name ^passwd$',
    '  mig netstat -t local -lp 22',
    '  mig process -t local -deleted',
  ];
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
