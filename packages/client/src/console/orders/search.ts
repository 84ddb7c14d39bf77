/** `search KIND where …`: what there was, and who there is. */
import { AgentStatus, CommandStatus } from '@mig/action';
import {
  ActionStatus,
  getAction,
  listActions,
  listAgents,
  listAlerts,
  listCommands,
  listInvestigators,
} from '@mig/api';
import type { z } from 'zod';
import { alertLine } from '../../commands/alerts.ts';
import { findActionId } from '../../fleet/find-action.ts';
import {
  actionHeadings,
  actionRow,
  agentHeadings,
  agentRow,
  investigatorHeadings,
  investigatorRow,
} from '../../fleet/list-rows.ts';
import { tableLines } from '../../fleet/table.ts';
import { Misuse } from '../../misuse.ts';
import type { Order, Session } from '../mode.ts';
import { fits, partOf, readWhere } from '../where.ts';

type Rows = AsyncGenerator<readonly string[]>;

/** What can be searched for. */
interface Kind {
  /** What it is searched by; one that ends with `.` stands for all that begin so. */
  readonly keys: readonly string[];
  readonly headings: readonly string[];
  find(filters: ReadonlyMap<string, string>, session: Session): Rows;
}

const kinds: Readonly<Record<string, Kind>> = {
  actions: {
    keys: ['status', 'name', 'by', 'id', 'after', 'before'],
    headings: actionHeadings,
    find: findActions,
  },
  agents: {
    keys: ['status', 'name', 'os', 'version', 'target', 'tag.'],
    headings: agentHeadings,
    find: findAgents,
  },
  commands: {
    keys: ['action', 'status', 'agent', 'found'],
    headings: ['COMMAND', 'AGENT', 'STATUS', 'FINISHED', 'ACTION'],
    find: findCommands,
  },
  investigators: {
    keys: ['name', 'status', 'fingerprint'],
    headings: investigatorHeadings,
    find: findInvestigators,
  },
  alerts: { keys: ['module', 'target', 'agent'], headings: [], find: findAlerts },
};

export const search: Order = {
  names: ['search'],
  usage: 'search actions|agents|commands|investigators|alerts [where KEY=VALUE and …] [limit N|all]',
  summary: 'Searches; name and by take parts, % stands for anything.',
  help: [
    ...Object.entries(kinds).map(
      ([kind, { keys }]) => `  ${kind.padEnd(14)}${keys.join(', ').replace('tag.', 'tag.NAME')}`,
    ),
    'Quote values with blanks. The newest actions and alerts come first; the limit is 100.',
    'Examples:',
    '  search actions where by=dana and status=inprogress',
    '  search actions where name=openssl and after=2026-01-01T00:00:00Z limit all',
    '  search agents where os=linux and tag.team=web and status=offline',
    `  search agents where target="environment->>'init'='systemd'"`,
    '  search commands where action=0194 and found=no and agent=web%',
  ],
  complete: ([kind]) => {
    if (kind === undefined) return Object.keys(kinds);
    const keys = Object.hasOwn(kinds, kind) ? kinds[kind]!.keys : [];
    return ['where', 'and', 'limit', ...keys.map((key) => (key.endsWith('.') ? key : `${key}=`))];
  },
  async run(rest, session) {
    const [, kind = '', text = ''] = /^(\S*)\s*(.*)$/s.exec(rest)!;
    const searched = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (searched === undefined) throw new Misuse(`search: expected ${Object.keys(kinds).join(', ')}, got '${kind}'`);
    const { filters, limit } = readWhere(text, searched.keys);
    const rows: (readonly string[])[] = [];
    let hasMore = false;
    for await (const row of searched.find(filters, session)) {
      hasMore = rows.length >= limit;
      if (hasMore) break;
      rows.push(row);
    }
    await session.page(tableLines(rows, searched.headings));
    session.terminal.remark(`${rows.length} found${hasMore ? ', and there are more: limit all shows them' : ''}`);
  },
};

async function* findActions(filters: ReadonlyMap<string, string>, { platform }: Session): Rows {
  const [after, before] = [readTime('after', filters), readTime('before', filters)];
  const query = {
    status: readStatus(ActionStatus, filters),
    name: partOf(filters.get('name')),
    investigator: partOf(filters.get('by')),
    id: filters.get('id'),
  };
  for await (const action of platform.items(listActions, { query })) {
    const launched = Date.parse(action.launchtime);
    // The newest come first.
    if (launched < after) return;
    if (launched <= before) yield actionRow(action);
  }
}

async function* findAgents(filters: ReadonlyMap<string, string>, { platform }: Session): Rows {
  const conditions = [...filters].flatMap(([key, value]) => {
    const quoted = `'${value.replaceAll("'", "''")}'`;
    if (key === 'target') return [`(${value})`];
    if (key === 'os') return [`environment->>'os' = ${quoted}`];
    if (key === 'version') return [`version LIKE ${quoted}`];
    if (key.startsWith('tag.')) return [`tags->>'${key.slice(4).replaceAll("'", "''")}' LIKE ${quoted}`];
    return [];
  });
  const query = {
    status: readStatus(AgentStatus, filters),
    name: partOf(filters.get('name')),
    target: conditions.length === 0 ? undefined : conditions.join(' AND '),
  };
  for await (const agent of platform.items(listAgents, { query })) yield agentRow(agent);
}

async function* findCommands(filters: ReadonlyMap<string, string>, { platform, context }: Session): Rows {
  const action = filters.get('action');
  if (action === undefined) throw new Misuse('search commands: expected action=ID, got none: search actions finds it');
  const found = filters.get('found') ?? 'all';
  const wanted = ({ yes: 'found', no: 'notfound', all: 'all' } as const)[found];
  if (wanted === undefined) throw new Misuse(`found: expected yes, no or all, got '${found}'`);
  const id = await findActionId(platform, action, context.hints);
  const { name } = await platform.call(getAction, { params: { id } });
  const query = { status: readStatus(CommandStatus, filters), found: wanted };
  for await (const command of platform.items(listCommands, { params: { id }, query })) {
    if (!fits(command.agentname, filters.get('agent') ?? '%')) continue;
    yield [command.id, command.agentname, command.status, command.finishtime ?? '', name];
  }
}

async function* findInvestigators(filters: ReadonlyMap<string, string>, { platform }: Session): Rows {
  for await (const one of platform.items(listInvestigators)) {
    const wanted = [...filters].every(([key, value]) =>
      key === 'status' ? one.status === value : fits(key === 'name' ? one.name : one.fingerprint, `%${value}%`),
    );
    if (wanted) yield investigatorRow(one);
  }
}

async function* findAlerts(filters: ReadonlyMap<string, string>, { platform }: Session): Rows {
  const query = { module: filters.get('module'), target: filters.get('target') };
  for await (const alert of platform.items(listAlerts, { query })) {
    if (fits(alert.agentname, filters.get('agent') ?? '%')) yield [alertLine(alert)];
  }
}

function readStatus<S extends z.ZodEnum>(statuses: S, filters: ReadonlyMap<string, string>): z.output<S> | undefined {
  const value = filters.get('status');
  const parsed = statuses.optional().safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Misuse(`status: expected ${statuses.options.join(', ')}, got '${value}'`);
}

function readTime(key: 'after' | 'before', filters: ReadonlyMap<string, string>): number {
  const value = filters.get(key);
  if (value === undefined) return key === 'after' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw new Misuse(`${key}: expected a time such as 2026-01-02T03:04:05Z, got '${value}'`);
  return time;
}
