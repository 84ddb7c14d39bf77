/** One agent: what it says of itself, what the platform says of it, what it was asked. */
import type { Agent, Uuid } from '@mig/action';
import { getAgent, getCommand, listAgentCommands, updateAgent } from '@mig/api';
import { printable } from '@mig/module';
import { copiedText, copiedWayOut } from '../../fleet/copied-identity.ts';
import { timeCell } from '../../fleet/list-rows.ts';
import { agoOf } from '../../fleet/missing.ts';
import { tableLines } from '../../fleet/table.ts';
import { Misuse } from '../../misuse.ts';
import { emptyDraft } from '../draft/draft.ts';
import { splitWords } from '../input/words.ts';
import type { Mode, Order, Session } from '../mode.ts';
import { commandMode } from './command.ts';
import { draftMode } from './draft.ts';

const lastCommands = 10;

export function agentMode(id: Uuid): Mode {
  let name: string = id.slice(-12);
  const read = async ({ platform }: Session): Promise<Agent> => {
    const agent = await platform.call(getAgent, { params: { id } });
    name = agent.name;
    return agent;
  };
  const details: Order = {
    names: ['details', 'show'],
    usage: 'details',
    summary: 'Shows what it is.',
    run: async (_, session) => session.page(tableLines(detailRows(await read(session)))),
  };
  const commands: Order = {
    names: ['commands', 'actions', 'ls'],
    usage: 'commands [N|all]',
    summary: 'Lists what it was asked, the newest first.',
    async run(rest, { platform, page, terminal }) {
      const most = rest === 'all' ? Number.POSITIVE_INFINITY : Number(rest || lastCommands);
      if (!(most >= 1)) throw new Misuse(`commands: expected a number or all, got '${rest}'`);
      const rows: string[][] = [];
      let hasMore = false;
      for await (const one of platform.items(listAgentCommands, {
        params: { id },
        query: { limit: Math.min(most, 100) },
      })) {
        hasMore = rows.length >= most;
        if (hasMore) break;
        rows.push([one.id, timeCell(one.launchtime), one.status, one.found ? 'found' : '', one.actionname]);
      }
      await page(tableLines(rows, ['COMMAND', 'LAUNCHED (UTC)', 'STATUS', '', 'ACTION']));
      if (rows.length === 0) terminal.remark('it was asked nothing yet');
      if (hasMore) terminal.remark('there are more: commands all lists them');
    },
  };
  const command: Order = {
    names: ['command'],
    usage: 'command ID',
    summary: 'Goes to one of its commands; the beginning or end of the id is enough.',
    async run(rest, { platform, enter }) {
      if (rest.length < 4) throw new Misuse('command: expected an id, or at least 4 of its first or last characters');
      for await (const one of platform.items(listAgentCommands, { params: { id } })) {
        if (one.id.startsWith(rest) || one.id.endsWith(rest)) {
          return enter(commandMode(await platform.call(getCommand, { params: { id: one.id } })));
        }
      }
      throw new Misuse(`the agent has no command with an id like '${rest}': commands all lists them`);
    },
  };
  const tags: Order = {
    names: ['tags', 'tag'],
    usage: 'tags [NAME=VALUE …] [NAME= …]',
    summary: 'Shows its tags; sets some, or takes some away. For administrators.',
    help: ['Examples:', '  tags team=web site=berlin', '  tags site='],
    async run(rest, session) {
      const before = (await read(session)).tags;
      const changes = splitWords(rest).map((word) => /^([^=]+)=(.*)$/s.exec(word) ?? refuse(word));
      const changed = { ...before, ...Object.fromEntries(changes.map(([, key, value]) => [key!, value!])) };
      const kept = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== ''));
      const agent =
        changes.length === 0
          ? before
          : (await session.platform.call(updateAgent, { params: { id }, body: { tags: kept } })).tags;
      await session.page(tableLines(Object.entries(agent)));
      if (Object.keys(agent).length === 0) session.terminal.remark('it has no tags');
    },
  };
  const json: Order = {
    names: ['json'],
    usage: 'json',
    summary: 'Prints all that is known of it as JSON.',
    run: async (_, session) =>
      session.page(
        JSON.stringify(await read(session), null, 2)
          .split('\n')
          .map(printable),
      ),
  };
  const investigate: Order = {
    names: ['investigate', 'new'],
    usage: 'investigate',
    summary: 'Makes a new action for this agent.',
    async run(_, session) {
      const draft = { ...emptyDraft(session.context.settings().expiration), target: `id = '${id}'` };
      session.enter(draftMode(draft));
    },
  };
  return {
    get prompt() {
      return `agent ${printable(name)}> `;
    },
    orders: [details, commands, command, tags, json, investigate],
    async greet(session) {
      await details.run('', session);
      session.terminal.print(session.paint('bold', 'Last commands'));
      await commands.run('', session);
    },
  };
}

function detailRows({
  id,
  name,
  status,
  mode,
  version,
  starttime,
  heartbeattime,
  environment,
  tags,
  copied,
}: Agent): string[][] {
  const { os, arch, ident, init, addresses, publicip, modules, isproxied, persistent } = environment;
  const labels = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return [
    ['agent', `${name} (${id})`],
    ['status', `${status}, last heard of ${agoOf(heartbeattime)}`],
    ...(copied === null
      ? []
      : [
          ['identity', copiedText(copied)],
          ['', copiedWayOut],
        ]),
    ['system', `${os} ${arch}, ${ident}, ${init}`],
    ['version', `${version}, ${mode}, running since ${starttime}`],
    ['addresses', `${addresses.join(', ')}${publicip === undefined ? '' : `, seen from outside as ${publicip}`}`],
    ...(isproxied ? [['proxy', 'it reaches the platform through a proxy']] : []),
    ['modules', modules.join(', ')],
    ...(persistent ?? []).map((one) => ['stays', JSON.stringify(one)]),
    ['tags', labels.join(' ')],
  ];
}

function refuse(word: string): never {
  throw new Misuse(`tags: expected NAME=VALUE, got '${word}'`);
}
