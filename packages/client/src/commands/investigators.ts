/** `mig investigators …`: who may use the platform. */
import { readFileSync } from 'node:fs';
import {
  createInvestigator,
  getSelf,
  type Investigator,
  listInvestigators,
  PermissionName,
  updateInvestigator,
} from '@mig/api';
import { investigatorHeadings, investigatorRow } from '../fleet/list-rows.ts';
import { tableLines } from '../fleet/table.ts';
import { Misuse } from '../misuse.ts';
import type { Platform } from '../platform/platform.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Command } from './command.ts';
import { noWords, oneWord, readWords } from './read-words.ts';
import { withPlatform } from './with-platform.ts';

const addKinds = { name: 'value', key: 'value', permissions: 'value' } as const;
const listKinds = { json: 'switch' } as const;

export const investigators: Command = {
  names: ['investigators'],
  usage: 'mig investigators [add|enable|disable|permit|self]',
  summary: 'Lists investigators; adds, disables and permits them.',
  words: ['list', 'add', 'enable', 'disable', 'permit', 'self'],
  options: { ...addKinds, ...listKinds },
  help: [
    'mig investigators [list] [-json]',
    'mig investigators add -name NAME -key FILE.asc [-permissions read,launch,admin]',
    'mig investigators enable|disable WHO',
    'mig investigators permit WHO -permissions read,launch',
    'mig investigators self',
    '',
    'WHO is a part of a name, of an id or of a fingerprint that fits one investigator.',
    '',
    'Examples:',
    "  mig investigators add -name 'Erin Ito' -key erin.asc -permissions read,launch",
    '  mig investigators disable erin',
  ],
  async run([action = 'list', ...rest], terminal, context) {
    const isOnlyJson = action === '-json' || action === '--json';
    const known: Readonly<Record<string, Prepare>> = {
      list,
      add,
      self,
      permit,
      enable: setStatus('enable', 'active'),
      disable: setStatus('disable', 'disabled'),
    };
    const run = isOnlyJson ? list : Object.hasOwn(known, action) ? known[action] : undefined;
    if (run === undefined) {
      throw new Misuse(`investigators: expected ${Object.keys(known).join(', ')}, got '${action}'`);
    }
    const ask = run(isOnlyJson ? [action, ...rest] : rest, terminal);
    return withPlatform(context, ask);
  },
};

/** Reads the words that follow; gives what is then asked of the platform. Throws Misuse. */
type Prepare = (words: readonly string[], terminal: Terminal) => (platform: Platform) => Promise<number>;

const list: Prepare = (words, terminal) => {
  const { options, others } = readWords('investigators', words, listKinds);
  noWords('investigators', others);
  return async (platform) => {
    const all: Investigator[] = [];
    for await (const one of platform.items(listInvestigators)) all.push(one);
    return print(all, options.json, terminal);
  };
};

const self: Prepare = (words, terminal) => {
  const { options, others } = readWords('investigators self', words, listKinds);
  noWords('investigators self', others);
  return async (platform) => print([await platform.call(getSelf)], options.json, terminal);
};

const add: Prepare = (words, terminal) => {
  const { options, others } = readWords('investigators add', words, addKinds);
  noWords('investigators add', others);
  const { name, key } = options;
  if (name === undefined || key === undefined) throw new Misuse('investigators add: expected -name NAME and -key FILE');
  const permissions = readPermissions(options.permissions ?? 'read,launch');
  const body = { name, publickey: readFileSync(key, 'utf8'), permissions };
  return async (platform) => print([await platform.call(createInvestigator, { body })], false, terminal);
};

const permit: Prepare = (words, terminal) => {
  const { options, others } = readWords('investigators permit', words, { permissions: 'value' });
  if (options.permissions === undefined)
    throw new Misuse('investigators permit: expected -permissions read,launch,admin');
  const who = oneWord('investigators permit', others, 'an investigator');
  return changing(who, { permissions: readPermissions(options.permissions) }, terminal);
};

const setStatus =
  (verb: 'enable' | 'disable', status: 'active' | 'disabled'): Prepare =>
  (words, terminal) => {
    const { others } = readWords(`investigators ${verb}`, words, {});
    return changing(oneWord(`investigators ${verb}`, others, 'an investigator'), { status }, terminal);
  };

function changing(
  who: string,
  body: { readonly status: 'active' | 'disabled' } | { readonly permissions: PermissionName[] },
  terminal: Terminal,
): (platform: Platform) => Promise<number> {
  return async (platform) => {
    const { id } = await findInvestigator(platform, who);
    return print([await platform.call(updateInvestigator, { params: { id }, body })], false, terminal);
  };
}

/** The investigator that a part of its name, id or fingerprint fits. Throws Misuse when that is none, or several. */
export async function findInvestigator(platform: Platform, text: string): Promise<Investigator> {
  const fitting: Investigator[] = [];
  const wanted = text.toLowerCase();
  for await (const one of platform.items(listInvestigators)) {
    if ([one.name, one.id, one.fingerprint].some((value) => value.toLowerCase().includes(wanted))) fitting.push(one);
  }
  if (fitting.length === 1) return fitting[0]!;
  const names = fitting.map(({ name, id }) => `${name} (${id})`).join(', ');
  throw new Misuse(`expected '${text}' to fit one investigator, it fits ${fitting.length === 0 ? 'none' : names}`);
}

/** Reads `read,launch`. Throws Misuse. */
export function readPermissions(text: string): PermissionName[] {
  return text.split(',').map((name) => {
    const parsed = PermissionName.safeParse(name.trim());
    if (parsed.success) return parsed.data;
    throw new Misuse(`-permissions: expected some of ${PermissionName.options.join(',')}, got '${text}'`);
  });
}

function print(all: readonly Investigator[], isJson: boolean, terminal: Terminal): number {
  if (isJson) for (const one of all) terminal.print(JSON.stringify(one));
  else {
    for (const line of tableLines(all.map(investigatorRow), investigatorHeadings)) terminal.print(line);
  }
  return 0;
}
