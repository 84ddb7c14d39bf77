/** What can be typed everywhere: help, and the way out. */
import { columnLines, helpLines, wrapped } from '@mig/module';
import { available } from '@mig/modules';
import { screenWidth } from '../../fleet/table.ts';
import { Misuse } from '../../misuse.ts';
import { screenRoom } from '../../terminal/screen-room.ts';
import type { Mode, Order, Session } from '../mode.ts';

/** The orders of every mode; `leave` leaves `mode`. */
export function everywhere(mode: Mode, leave: (session: Session) => Promise<void>): readonly Order[] {
  const exit: Order = {
    names: ['exit', 'quit', 'q'],
    usage: 'exit',
    summary: 'Goes back to where you came from, and from there leaves. Ctrl-d does the same.',
    run: (_, session) => leave(session),
  };
  const help: Order = {
    names: ['help', '?'],
    usage: 'help [ORDER|MODULE]',
    summary: 'Shows what can be typed here, or how an order or a module is used.',
    complete: () => [...mode.orders.map(({ names }) => names[0]!), ...available.modules.map(({ name }) => name)],
    async run(rest, session) {
      const orders = [...mode.orders, help, exit];
      await session.page(rest === '' ? overview(orders) : about(rest, orders));
    },
  };
  return [help, exit];
}

const widest = 34;

/** The orders with what they do; those of a group by their names only. */
function overview(orders: readonly Order[]): string[] {
  const groups = new Map<string, string[]>();
  const rows: [string, string][] = [];
  for (const { names, usage, summary, group } of orders) {
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), names[0]!]);
    else rows.push([usage, summary]);
  }
  return [
    ...columnLines(rows, screenRoom(), widest),
    '',
    ...[...groups].flatMap(([group, names]) => [`${group}:`, `  ${names.join(', ')}`]),
    ...wrapped(
      'Tab completes. Ctrl-c stops what runs. Each answer can be narrowed: … | grep [-v] [-i] PATTERN',
      screenRoom(),
    ),
  ];
}

function about(name: string, orders: readonly Order[]): string[] {
  const order = orders.find(({ names }) => names.includes(name));
  if (order !== undefined) return [order.usage, order.summary, ...(order.help ?? [])];
  const module = available.find(name);
  if (module !== undefined) return helpLines(module, '-', screenWidth());
  throw new Misuse(`'${name}' is neither an order of this place nor a module: help lists what there is`);
}
