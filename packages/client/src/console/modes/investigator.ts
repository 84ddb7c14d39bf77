/** One investigator: who it is, what it may do, its API keys. */
import {
  createApiKey,
  deleteApiKey,
  getInvestigator,
  type Investigator,
  InvestigatorStatus,
  listApiKeys,
  updateInvestigator,
} from '@mig/api';
import { findInvestigator, readPermissions } from '../../commands/investigators.ts';
import { tableLines } from '../../fleet/table.ts';
import { Misuse } from '../../misuse.ts';
import type { Mode, Order, Session } from '../mode.ts';

/** The mode of the one that `who` fits. Throws Misuse when that is none, or several. */
export async function investigatorMode(who: string, { platform }: Session): Promise<Mode> {
  const { id, name } = await findInvestigator(platform, who);
  const change = async ({ platform, page }: Session, body: Parameters<typeof updating>[0]) =>
    page(detailLines(await platform.call(updateInvestigator, updating(body))));
  const updating = (body: {
    name?: string;
    status?: InvestigatorStatus;
    permissions?: Investigator['permissions'];
  }) => ({
    params: { id },
    body,
  });
  const orders: Order[] = [
    {
      names: ['details', 'show'],
      usage: 'details',
      summary: 'Shows name, key, status and permissions.',
      run: async (_, { platform, page }) => page(detailLines(await platform.call(getInvestigator, { params: { id } }))),
    },
    {
      names: ['key'],
      usage: 'key',
      summary: 'Prints the public key.',
      run: async (_, { platform, page }) =>
        page((await platform.call(getInvestigator, { params: { id } })).publickey.trim().split('\n')),
    },
    {
      names: ['name', 'setname'],
      usage: 'name NAME',
      summary: 'Renames. For administrators.',
      run: (rest, session) => change(session, { name: needed('name', rest) }),
    },
    {
      names: ['status', 'setstatus'],
      usage: 'status active|disabled',
      summary: 'Disables, or enables again. For administrators.',
      complete: () => InvestigatorStatus.options,
      run: (rest, session) => {
        const status = InvestigatorStatus.safeParse(rest);
        if (!status.success) throw new Misuse(`status: expected active or disabled, got '${rest}'`);
        return change(session, { status: status.data });
      },
    },
    {
      names: ['permissions', 'permit'],
      usage: 'permissions read,launch,admin',
      summary: 'Sets what the investigator may do. For administrators.',
      run: (rest, session) => change(session, { permissions: readPermissions(needed('permissions', rest)) }),
    },
    {
      names: ['apikeys'],
      usage: 'apikeys [new NAME | delete ID]',
      summary: 'Lists API keys; makes one, which is shown once, or ends one.',
      complete: (typed) => (typed.length === 0 ? ['new', 'delete'] : []),
      run: (rest, session) => apiKeys(id, rest, session),
    },
  ];
  return { prompt: `investigator ${name}> `, orders, greet: async (session) => orders[0]!.run('', session) };
}

async function apiKeys(id: string, rest: string, { platform, page, terminal }: Session): Promise<void> {
  const [, verb = '', value = ''] = /^(\S*)\s*(.*)$/s.exec(rest)!;
  if (verb === 'new') {
    const { key } = await platform.call(createApiKey, { params: { id }, body: { name: needed('apikeys new', value) } });
    terminal.print(key);
    return terminal.remark('this is the only time that it is shown');
  }
  if (verb === 'delete') {
    await platform.call(deleteApiKey, { params: { id, keyid: needed('apikeys delete', value) } });
    return terminal.remark(`${value} is gone`);
  }
  if (verb !== '') throw new Misuse(`apikeys: expected new NAME, delete ID, or nothing, got '${rest}'`);
  const keys = await platform.call(listApiKeys, { params: { id } });
  await page(
    tableLines(keys.map((key) => [key.id, key.name, `made ${key.createtime}`, `used ${key.lastusedtime ?? 'never'}`])),
  );
  if (keys.length === 0) terminal.remark('there are no API keys');
}

function detailLines({
  id,
  name,
  fingerprint,
  status,
  permissions,
  createtime,
  lastmodifiedtime,
}: Investigator): string[] {
  return tableLines([
    ['investigator', `${name} (${id})`],
    ['key', fingerprint],
    ['status', status],
    ['may', permissions.join(', ')],
    ['since', `${createtime}, changed ${lastmodifiedtime}`],
  ]);
}

function needed(order: string, value: string): string {
  if (value === '') throw new Misuse(`${order}: expected a value, got nothing`);
  return value;
}
