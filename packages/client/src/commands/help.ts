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
  // What it takes besides is for the help of the command.
  const others = commands.map(({ usage, summary }): [string, string] => [usage.replace(/ \[.*$/, ''), summary]);
  return [
    'usage: mig <module> [-t <target>] [-e <expiration>] [-show found|notfound|all] [-json] [-y] [-s] <parameters>',
    '       mig <module> help               its parameters, with examples',
    '       mig <module> -t <target> prompt  asks for them one by one',
    '',
    '-t takes local (this machine, without a platform), a macro such as online, or a condition on the agents.',
    '-e says for how long the action may be run, -y launches without a countdown, -s signs and prints,',
    '-target-found ID and -target-notfound ID narrow to what an earlier action found.',
    '-state-dir DIR, with -t local, names the agent that runs a module that stays. All commands take',
    '--config FILE.',
    '',
    'Modules:',
    ...columns(modules),
    '',
    'Commands:',
    ...columns(others),
    '',
    'Examples:',
    '  mig file -t local -path /etc -name ^passwd$',
    '  mig process -t local -deleted',
    '  mig netstat -t online -lp 22',
    `  mig pkg -t "environment->>'os'='linux'" -e 10m -name ^openssl$`,
    '',
    'mig <command> help says more about a command.',
  ];
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  const room = Math.max(30, Math.min(process.stdout.columns ?? 110, 110) - width - 5);
  return rows.flatMap(([left, right]) =>
    wrapped(right, room).map((line, i) => `  ${(i === 0 ? left : '').padEnd(width)}  ${line}`),
  );
}

/** Breaks `text` at blanks into lines of at most `room` characters, but for longer words. */
function wrapped(text: string, room: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= room) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
