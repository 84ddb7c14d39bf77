/** The first screen: how the fleet is, what was launched last, what was raised. */
import type { Agent } from '@mig/action';
import { type Alert, listActions, listAgents, listAlerts } from '@mig/api';
import { printable } from '@mig/module';
import { actionHeadings, actionRow, timeCell } from '../../fleet/list-rows.ts';
import { tableLines } from '../../fleet/table.ts';
import type { Paint } from '../../terminal/paint.ts';
import type { Order, Session } from '../mode.ts';

const shown = 10;
const shownAlerts = 5;

export const status: Order = {
  names: ['status'],
  usage: 'status',
  summary: 'Shows the agents by state, system and version, the last actions and alerts.',
  run: printStatus,
};

async function printStatus(_: string, session: Session): Promise<void> {
  const { platform, paint, terminal } = session;
  const [agents, actions, alerts, fleet] = await Promise.all([
    allOf(platform.items(listAgents)),
    platform.call(listActions, { query: { limit: shown } }),
    platform.call(listAlerts, { query: { limit: shownAlerts } }),
    platform.fleet(),
  ]);
  const heading = (text: string) => terminal.print(paint('bold', text));
  heading(`Fleet ${fleet}: ${countsOf(agents, paint)}`);
  const living = agents.filter((agent) => agent.status !== 'destroyed');
  for (const line of tableLines([...groupsOf(living)])) terminal.print(`  ${line}`);
  heading(`Last actions${actions.items.length === 0 ? ': none yet' : ''}`);
  for (const line of tableLines(actions.items.map(actionRow), actionHeadings)) terminal.print(`  ${line}`);
  heading(`Last alerts${alerts.items.length === 0 ? ': none' : ''}`);
  for (const line of tableLines(alerts.items.map(alertRow))) terminal.print(`  ${line}`);
}

function countsOf(agents: readonly Agent[], paint: Paint): string {
  const count = (state: Agent['status']) => agents.filter(({ status }) => status === state).length;
  return [
    paint('green', `${count('online')} online`),
    paint('yellow', `${count('idle')} idle`),
    paint('dim', `${count('offline')} offline`),
  ].join(', ');
}

/** A row for each system and version, the largest first. */
function groupsOf(agents: readonly Agent[]): readonly string[][] {
  const groups = new Map<string, { readonly cells: string[]; online: number; others: number }>();
  for (const { environment, version, status } of agents) {
    const cells = [environment.os, environment.arch, `version ${version}`];
    const key = JSON.stringify(cells);
    const group = groups.get(key) ?? { cells, online: 0, others: 0 };
    if (status === 'online') group.online++;
    else group.others++;
    groups.set(key, group);
  }
  const size = ({ online, others }: { readonly online: number; readonly others: number }) => online + others;
  return [...groups.values()]
    .sort((a, b) => size(b) - size(a))
    .map((group) => [...group.cells, agentsIn(size(group)), `${group.online} online`]);
}

function agentsIn(count: number): string {
  return `${count} ${count === 1 ? 'agent' : 'agents'}`;
}

function alertRow({ time, agentname, module, message }: Alert): string[] {
  return [timeCell(time), agentname, module, printable(message)];
}

async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
