/** Help on everything, on a module, on a command. */
import { type AnyModule, columnLines, helpLines, wrapped } from '@mig/module';
import { available } from '@mig/modules';
import { screenWidth } from '../fleet/table.ts';
import { Misuse } from '../misuse.ts';
import { screenRoom } from '../terminal/screen-room.ts';
import { commands } from './list.ts';

const about =
  '-t takes local (this machine, without a platform), a macro such as online, or a condition on the agents. -e says for how long the action may be run, -y launches without a countdown, -s signs and prints, -target-found ID and -target-notfound ID narrow to what an earlier action found. -state-dir DIR, with -t local, names the agent that runs a module that stays. All commands take --config FILE.';

/** The help of a module, a command, or of both where they share the name. Throws Misuse. */
export function helpOn(name: string): string[] {
  const command = commands.find(({ names }) => names.includes(name));
  const module = available.find(name);
  if (command === undefined && module === undefined) {
    throw new Misuse(`help: expected a module or a command, got '${name}': mig help lists them`);
  }
  const onCommand = command === undefined ? [] : [command.summary, '', ...(command.help ?? [command.usage])];
  if (module === undefined) return onCommand;
  if (command === undefined) return moduleHelp(module);
  return [...onCommand, '', `As a module, mig ${name} -t <target> …:`, '', ...moduleHelp(module)];
}

/** What there is to type, in short. */
export function helpText(): string[] {
  const modules = available.modules.map(({ name, summary }): [string, string] => [name, summary]);
  // What it takes besides is for the help of the command.
  const others = commands.map(({ usage, summary }): [string, string] => [usage.replace(/ \[.*$/, ''), summary]);
  return [
    'usage: mig <module> [-t <target>] [-e <expiration>] [-show found|notfound|all]',
    '           [-json] [-y] [-s] <parameters>',
    '       mig <module> help                its parameters, with examples',
    '       mig <module> -t <target> prompt  asks for them one by one',
    '',
    ...wrapped(about, screenRoom()),
    '',
    'Modules:',
    ...columnLines(modules, screenRoom()),
    '',
    'Commands:',
    ...columnLines(others, screenRoom()),
    '',
    'Examples:',
    '  mig file -t local -path /etc -name ^passwd$',
    '  mig process -t local -deleted',
    '  mig netstat -t online -lp 22',
    `  mig pkg -t "environment->>'os'='linux'" -e 10m -name ^openssl$`,
    '',
    'mig <command> help says more about a command.',
    'Questions of an incident, with their commands: docs/recipes.md.',
  ];
}

/** The help of a module, as wide as the screen. */
function moduleHelp(module: AnyModule): string[] {
  return helpLines(module, '-', screenWidth());
}
