/** `macros`: names for targets. */
import { deleteMacro, listMacros, putMacro } from '@mig/api';
import { tableLines } from '../../fleet/table.ts';
import { Misuse } from '../../misuse.ts';
import type { Order } from '../mode.ts';

export const macros: Order = {
  names: ['macros', 'macro'],
  usage: 'macros [set NAME TARGET | delete NAME]',
  summary: 'Lists the names that stand for targets; sets and ends your own.',
  help: ['Examples:', `  macros set web name LIKE '%web%' AND status = 'online'`, '  macros delete web'],
  complete: (typed) => (typed.length === 0 ? ['set', 'delete'] : []),
  async run(rest, { platform, page, terminal }) {
    const [, verb = '', name = '', target = ''] = /^(\S*)\s*(\S*)\s*(.*)$/s.exec(rest)!;
    if (verb === 'set' && target !== '') {
      await platform.call(putMacro, { params: { name }, body: { target } });
      return terminal.remark(`${name} stands for ${target}`);
    }
    if (verb === 'delete' && name !== '') {
      await platform.call(deleteMacro, { params: { name } });
      return terminal.remark(`${name} is gone`);
    }
    if (verb !== '') throw new Misuse(`macros: expected set NAME TARGET, delete NAME, or nothing, got '${rest}'`);
    const all = await platform.call(listMacros);
    await page(tableLines(all.map((macro) => [macro.name, macro.shipped ? 'shipped' : 'yours', macro.target])));
  },
};
