/** One investigator: who it is, what it may do, its API keys. */
import { getInvestigator, type Investigator, InvestigatorStatus, updateInvestigator } from '@mig/api';
import { apiKey } from '../../commands/api-key.ts';
import { findInvestigator, readPermissions } from '../../commands/investigators.ts';
import { tableLines } from '../../fleet/table.ts';
import { Misuse } from '../../misuse.ts';
import { splitWords } from '../input/words.ts';
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
      names: ['apikeys', 'apikey'],
      usage: 'apikeys [create NAME [-expires 30d] | delete ID]',
      summary: 'Lists API keys; makes one, which is shown once, or ends one.',
      complete: (typed) => (typed.length === 0 ? ['create', 'delete'] : []),
      async run(rest, { terminal, context }) {
        const words = rest === '' ? ['list'] : splitWords(rest);
        await apiKey.run([...words, '-of', id], terminal, context);
      },
    },
  ];
  return { prompt: `investigator ${name}> `, orders, greet: async (session) => orders[0]!.run('', session) };
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
