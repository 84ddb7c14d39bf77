/** `mig macros …`: names that stand for targets. */
import { deleteMacro, listMacros, MacroName, putMacro } from '@mig/api';
import { printable } from '@mig/module';
import { tableLines } from '../fleet/table.ts';
import { Misuse } from '../misuse.ts';
import type { Platform } from '../platform/platform.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Command } from './command.ts';
import { withPlatform } from './with-platform.ts';

export const macros: Command = {
  names: ['macros', 'macro'],
  usage: 'mig macros [set NAME TARGET | delete NAME]',
  summary: 'Lists the names that stand for targets; sets and ends your own.',
  words: ['list', 'set', 'delete'],
  options: { json: 'switch' },
  help: [
    'mig macros [list] [-json]      lists those of the platform, and your own',
    'mig macros set NAME TARGET     lets NAME stand for TARGET, for you alone',
    'mig macros delete NAME         ends one of yours',
    '',
    'Examples:',
    `  mig macros set web "name LIKE '%web%' AND status = 'online'"`,
    '  mig macros delete web',
  ],
  async run([verb = 'list', ...words], terminal, context) {
    const [name, ...rest] = words;
    if (verb === 'set' && name !== undefined && rest.length > 0) {
      const target = rest.join(' ');
      requireName('set', name);
      return withPlatform(context, async (platform) => {
        await platform.call(putMacro, { params: { name }, body: { target } });
        terminal.remark(printable(`${name} stands for ${target}`));
        return 0;
      });
    }
    if (verb === 'delete' && name !== undefined && rest.length === 0) {
      requireName('delete', name);
      return withPlatform(context, async (platform) => {
        await platform.call(deleteMacro, { params: { name } });
        terminal.remark(printable(`${name} is gone`));
        return 0;
      });
    }
    const given = (verb === 'list' ? words : [verb, ...words]).map((word) => word.replace(/^--/, '-'));
    if (given.length === 0 || (given.length === 1 && given[0] === '-json')) {
      return withPlatform(context, (platform) => list(platform, given.length === 1, terminal));
    }
    throw new Misuse(`macros: expected set NAME TARGET, delete NAME, or nothing, got '${given.join(' ')}'`);
  },
};

function requireName(verb: string, name: string): void {
  const parsed = MacroName.safeParse(name);
  if (!parsed.success) throw new Misuse(`macros ${verb}: ${parsed.error.issues[0]!.message}, got '${name}'`);
}

async function list(platform: Platform, isJson: boolean, terminal: Terminal): Promise<number> {
  const all = await platform.call(listMacros);
  if (isJson) for (const one of all) terminal.print(JSON.stringify(one));
  else {
    const rows = all.map(({ name, shipped, target }) => [name, shipped ? 'the platform' : 'you', target]);
    for (const line of tableLines(rows, ['NAME', 'MADE BY', 'STANDS FOR'])) terminal.print(line);
  }
  return 0;
}
