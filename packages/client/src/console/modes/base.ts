/** Where the console begins. */

import { Uuid } from '@mig/action';
import { getCommand, listActions, listAgents } from '@mig/api';
import { findActionId } from '../../fleet/find-action.ts';
import { findAgent } from '../../fleet/find-agent.ts';
import { tableLines } from '../../fleet/table.ts';
import { Misuse } from '../../misuse.ts';
import { emptyDraft } from '../draft/draft.ts';
import type { Mode, Order, Session } from '../mode.ts';
import { alerts } from '../orders/alerts.ts';
import { ordersFromCommands } from '../orders/from-commands.ts';
import { query } from '../orders/query.ts';
import { search } from '../orders/search.ts';
import { status } from '../orders/status.ts';
import { actionMode } from './action.ts';
import { agentMode } from './agent.ts';
import { commandMode } from './command.ts';
import { draftMode } from './draft.ts';
import { investigatorMode } from './investigator.ts';

const offered = 50;

const action: Order = {
  names: ['action'],
  usage: 'action new | action ID',
  summary: 'Makes a new action, or goes to one: its answers, who is missing, a copy of it.',
  complete: async (typed, { platform }) => {
    if (typed.length > 0) return [];
    const { items } = await platform.call(listActions, { query: { limit: offered } });
    return ['new', ...items.map(({ id }) => id)];
  },
  async run(rest, session) {
    if (rest === '') throw new Misuse("action: expected new, or an action's id, got nothing: actions lists them");
    if (rest === 'new') session.enter(draftMode(emptyDraft(session.context.settings().expiration)));
    else session.enter(actionMode(await findActionId(session.platform, rest, session.context.hints)));
  },
};

const create: Order = {
  names: ['create'],
  usage: 'create action',
  summary: 'The same as action new.',
  complete: () => ['action'],
  async run(rest, session) {
    if (rest === 'investigator') throw new Misuse('investigators add -name NAME -key FILE.asc adds an investigator');
    if (rest !== 'action') throw new Misuse(`create: expected action, got '${rest}'`);
    session.enter(draftMode(emptyDraft(session.context.settings().expiration)));
  },
};

const command: Order = {
  names: ['command'],
  usage: 'command ID',
  summary: 'Goes to one command: what one agent answered.',
  async run(rest, session) {
    const id = Uuid.safeParse(rest);
    if (!id.success) throw new Misuse(`command: expected a command's id, got '${rest}': search commands lists them`);
    session.enter(commandMode(await session.platform.call(getCommand, { params: { id: id.data } })));
  },
};

const agent: Order = {
  names: ['agent'],
  usage: 'agent NAME|ID',
  summary: 'Goes to one agent: what it is, what it was asked, its tags.',
  complete: async (typed, { platform }, part) => {
    if (typed.length > 0) return [];
    const named = { name: part || undefined, limit: offered };
    return (await platform.call(listAgents, { query: named })).items.map(({ name }) => name);
  },
  run: async (rest, session) => session.enter(agentMode((await findAgent(session.platform, rest)).id)),
};

const investigator: Order = {
  names: ['investigator'],
  usage: 'investigator WHO',
  summary: 'Goes to one investigator: permissions, key, API keys.',
  run: async (rest, session) => session.enter(await investigatorMode(rest, session)),
};

const settings: Order = {
  names: ['settings', 'showcfg'],
  usage: 'settings',
  summary: 'Shows the configuration that is used, without its secrets.',
  async run(_, { context, page }) {
    const { apikey, passphrase, ...others } = context.settings();
    const rows = Object.entries({
      file: context.places.settings,
      ...others,
      apikey: apikey === '' ? '' : '(set)',
      'passphrase.file': passphrase.file,
    }).map(([key, value]) => [key, String(value)]);
    await page(tableLines(rows));
  },
};

export const baseMode: Mode = {
  prompt: 'mig> ',
  orders: [
    status,
    action,
    create,
    command,
    agent,
    search,
    query,
    alerts,
    investigator,
    settings,
    ...ordersFromCommands,
  ],
  async greet(session: Session) {
    await status.run('', session);
    const { terminal, platform } = session;
    terminal.remark(`Connected to ${platform.url}. help lists what can be typed, exit leaves.`);
  },
};
