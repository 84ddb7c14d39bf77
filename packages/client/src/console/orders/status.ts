/** The first screen: how the fleet is, what was launched last, what was raised. */
import { type AgentCounts, type Alert, getAgentCounts, listActions, listAlerts } from '@mig/api';
import { printable } from '@mig/module';
import { actionHeadings, actionRow, timeCell } from '../../fleet/list-rows.ts';
import { screenWidth, tableLines } from '../../fleet/table.ts';
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
  const [counts, actions, alerts, fleet] = await Promise.all([
    platform.call(getAgentCounts),
    platform.call(listActions, { query: { limit: shown } }),
    platform.call(listAlerts, { query: { limit: shownAlerts } }),
    platform.fleet(),
  ]);
  const heading = (text: string) => terminal.print(paint('bold', text));
  heading(`Fleet ${fleet}: ${countsOf(counts, paint)}`);
  for (const line of tableLines(counts.groups.map(groupRow))) terminal.print(`  ${line}`);
  heading(`Last actions${actions.items.length === 0 ? ': none yet' : ''}`);
  for (const line of tableLines(actions.items.map(actionRow), actionHeadings, screenWidth() - 2)) {
    terminal.print(`  ${line.replaceAll('\n', '\n  ')}`);
  }
  heading(`Last alerts${alerts.items.length === 0 ? ': none' : ''}`);
  for (const line of tableLines(alerts.items.map(alertRow))) terminal.print(`  ${line}`);
}

function countsOf({ online, idle, offline }: AgentCounts, paint: Paint): string {
  return [paint('green', `${online} online`), paint('yellow', `${idle} idle`), paint('dim', `${offline} offline`)].join(
    ', ',
  );
}

function groupRow({ os, arch, version, online, idle, offline }: AgentCounts['groups'][number]): string[] {
  return [os, arch, `version ${version}`, agentsIn(online + idle + offline), `${online} online`];
}

function agentsIn(count: number): string {
  return `${count} ${count === 1 ? 'agent' : 'agents'}`;
}

function alertRow({ time, agentname, module, message }: Alert): string[] {
  return [timeCell(time), agentname, module, printable(message)];
}
