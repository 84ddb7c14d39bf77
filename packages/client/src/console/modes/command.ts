/** One command: what one agent was asked, and what it answered. */
import { type CommandItem, getAction, getCommand } from '@mig/api';
import { printable } from '@mig/module';
import { answerLines, answerRecord } from '../../fleet/answer-lines.ts';
import { agoOf } from '../../fleet/missing.ts';
import { tableLines } from '../../fleet/table.ts';
import type { Mode, Order, Session } from '../mode.ts';
import { actionMode } from './action.ts';
import { agentMode } from './agent.ts';

export function commandMode({ id, actionid, agentid, agentname }: CommandItem): Mode {
  const read = async ({ platform }: Session) => {
    const [command, action] = await Promise.all([
      platform.call(getCommand, { params: { id } }),
      platform.call(getAction, { params: { id: actionid } }),
    ]);
    return { command, action };
  };
  const details: Order = {
    names: ['details', 'show'],
    usage: 'details',
    summary: 'Shows its status and times.',
    async run(_, session) {
      const { command, action } = await read(session);
      const { status, agentstatus, lastseen, starttime, finishtime } = command;
      await session.page(
        tableLines([
          ['command', id],
          ['agent', `${agentname} (${agentid}), ${agentstatus}, last seen ${agoOf(lastseen)}`],
          ['action', `${action.name} (${actionid})`],
          ['status', status],
          ['started', starttime ?? 'not yet'],
          ['finished', finishtime ?? 'not yet'],
        ]),
      );
    },
  };
  const results: Order = {
    names: ['results', 'r'],
    usage: 'results',
    summary: 'Prints all that the agent answered.',
    async run(_, session) {
      const { command, action } = await read(session);
      await session.page(answerLines(command, action.operations, 'all'));
    },
  };
  const json: Order = {
    names: ['json'],
    usage: 'json',
    summary: 'Prints the answer as JSON.',
    async run(_, session) {
      const { command, action } = await read(session);
      await session.page(JSON.stringify(answerRecord(command, action.operations), null, 2).split('\n').map(printable));
    },
  };
  const action: Order = {
    names: ['action'],
    usage: 'action',
    summary: 'Goes to its action.',
    run: async (_, session) => session.enter(actionMode(actionid)),
  };
  const agent: Order = {
    names: ['agent'],
    usage: 'agent',
    summary: 'Goes to its agent.',
    run: async (_, session) => session.enter(agentMode(agentid)),
  };
  return {
    prompt: `command ${printable(agentname)}> `,
    orders: [details, results, json, action, agent],
    async greet(session) {
      await details.run('', session);
      await results.run('', session);
    },
  };
}
