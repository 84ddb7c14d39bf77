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
  run: ([action = 'list', ...rest], terminal, context) =>
    withPlatform(context, (platform) => {
      if (action === '-json' || action === '--json') return list(platform, [action, ...rest], terminal);
      const known: Readonly<Record<string, typeof list>> = {
        list,
        add,
        self,
        permit,
        enable: (...given) => setStatus('active', ...given),
        disable: (...given) => setStatus('disabled', ...given),
      };
      const run = Object.hasOwn(known, action) ? known[action] : undefined;
      if (run === undefined) {
        throw new Misuse(`investigators: expected ${Object.keys(known).join(', ')}, got '${action}'`);
      }
      return run(platform, rest, terminal);
    }),
};

async function list(platform: Platform, words: readonly string[], terminal: Terminal): Promise<number> {
  const { options, others } = readWords('investigators', words, listKinds);
  noWords('investigators', others);
  const all: Investigator[] = [];
  for await (const one of platform.items(listInvestigators)) all.push(one);
  print(all, options.json, terminal);
  return 0;
}

async function self(platform: Platform, words: readonly string[], terminal: Terminal): Promise<number> {
  const { options, others } = readWords('investigators self', words, listKinds);
  noWords('investigators self', others);
  print([await platform.call(getSelf)], options.json, terminal);
  return 0;
}

async function add(platform: Platform, words: readonly string[], terminal: Terminal): Promise<number> {
  const { options, others } = readWords('investigators add', words, addKinds);
  noWords('investigators add', others);
  const { name, key, permissions = 'read,launch' } = options;
  if (name === undefined || key === undefined) throw new Misuse('investigators add: expected -name NAME and -key FILE');
  const body = { name, publickey: readFileSync(key, 'utf8'), permissions: readPermissions(permissions) };
  print([await platform.call(createInvestigator, { body })], false, terminal);
  return 0;
}

async function permit(platform: Platform, words: readonly string[], terminal: Terminal): Promise<number> {
  const { options, others } = readWords('investigators permit', words, { permissions: 'value' });
  if (options.permissions === undefined)
    throw new Misuse('investigators permit: expected -permissions read,launch,admin');
  const { id } = await findInvestigator(platform, oneWord('investigators permit', others, 'an investigator'));
  const body = { permissions: readPermissions(options.permissions) };
  print([await platform.call(updateInvestigator, { params: { id }, body })], false, terminal);
  return 0;
}

async function setStatus(
  status: 'active' | 'disabled',
  platform: Platform,
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const { others } = readWords('investigators', words, {});
  const { id } = await findInvestigator(platform, oneWord('investigators', others, 'an investigator'));
  print([await platform.call(updateInvestigator, { params: { id }, body: { status } })], false, terminal);
  return 0;
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

function print(all: readonly Investigator[], isJson: boolean, terminal: Terminal): void {
  if (isJson) for (const one of all) terminal.print(JSON.stringify(one));
  else {
    for (const line of tableLines(all.map(investigatorRow), investigatorHeadings)) terminal.print(line);
  }
}
