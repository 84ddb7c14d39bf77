/** The words that follow `mig-agent` when they are not about one module: which command, and its options. */
import { parseArgs } from 'node:util';
import { parseExpiration } from '@mig/action';
import { standardDirectories } from '../settings/places.ts';
import type { RecordFilter } from './journal-records.ts';

export interface Directories {
  readonly configDirectory: string;
  readonly stateDirectory: string;
  /** The configuration file, where one is named. */
  readonly settingsFile: string | undefined;
}

export type DaemonCommand = Directories &
  (
    | { readonly kind: 'run'; readonly isCheckin: boolean; readonly isOwned: boolean }
    | { readonly kind: 'status'; readonly isJson: boolean }
    | { readonly kind: 'journal'; readonly isJson: boolean; readonly last: number; readonly filter: RecordFilter }
    | {
        readonly kind: 'enrol';
        readonly server: string | undefined;
        readonly token: string | undefined;
        readonly tokenFile: string | undefined;
        readonly isReplacing: boolean;
      }
  );

const directoryOptions = {
  'config-dir': { type: 'string', default: standardDirectories.config },
  'state-dir': { type: 'string', default: standardDirectories.state },
  config: { type: 'string' },
} as const;

/** Reads `words`. Throws an Error with a sentence for people when they cannot be understood. */
export function parseDaemonWords(words: readonly string[]): DaemonCommand {
  const [first = ''] = words;
  const rest = words.slice(1);
  switch (first) {
    case 'enrol':
      return parseEnrol(rest);
    case 'status': {
      const { values } = parse(rest, { ...directoryOptions, json: { type: 'boolean', default: false } });
      return { kind: 'status', isJson: values.json, ...directoriesOf(values) };
    }
    case 'journal':
      return parseJournal(rest);
    default: {
      if (first !== '' && !first.startsWith('-')) {
        throw new Error(`expected one of enrol, status, journal, or options, got '${first}'`);
      }
      const { values } = parse(words, {
        ...directoryOptions,
        checkin: { type: 'boolean', default: false },
        owned: { type: 'boolean', default: false },
      });
      return { kind: 'run', isCheckin: values.checkin, isOwned: values.owned, ...directoriesOf(values) };
    }
  }
}

function parseEnrol(words: readonly string[]): DaemonCommand {
  const { values } = parse(words, {
    ...directoryOptions,
    server: { type: 'string' },
    token: { type: 'string' },
    'token-file': { type: 'string' },
    replace: { type: 'boolean', default: false },
  });
  if (values.token !== undefined && values['token-file'] !== undefined) {
    throw new Error('expected --token or --token-file, got both');
  }
  return {
    kind: 'enrol',
    server: values.server,
    token: values.token,
    tokenFile: values['token-file'],
    isReplacing: values.replace,
    ...directoriesOf(values),
  };
}

function parseJournal(words: readonly string[]): DaemonCommand {
  const { values, positionals } = parse(
    words,
    {
      ...directoryOptions,
      json: { type: 'boolean', default: false },
      last: { type: 'string', default: '20' },
      signer: { type: 'string' },
      module: { type: 'string' },
      since: { type: 'string' },
      refused: { type: 'boolean', default: false },
      ran: { type: 'boolean', default: false },
    },
    true,
  );
  const last = values.last === 'all' ? Number.POSITIVE_INFINITY : Number(values.last);
  if (values.last !== 'all' && !(Number.isInteger(last) && last >= 1)) {
    throw new Error(`--last: expected a number or 'all', got '${values.last}'`);
  }
  if (positionals.length > 1) throw new Error(`expected at most one action's id, got '${positionals.join(' ')}'`);
  if (values.refused && values.ran) throw new Error('expected --refused or --ran, got both');
  const { signer, module, since } = values;
  const filter: RecordFilter = {
    id: positionals[0],
    signer,
    module,
    since: since === undefined ? undefined : parseSince(since),
    refused: values.refused ? true : values.ran ? false : undefined,
  };
  return { kind: 'journal', isJson: values.json, last, filter, ...directoriesOf(values) };
}

/** A time, or how long ago it was. */
function parseSince(text: string): Date {
  const time = Date.parse(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(time)) return new Date(time);
  try {
    return new Date(Date.now() - parseExpiration(text));
  } catch {
    throw new Error(`--since: expected a time such as 2026-01-31T12:00:00Z or a duration such as 24h, got '${text}'`);
  }
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

function parse<const O extends Options>(words: readonly string[], options: O, allowPositionals = false) {
  const parsed = parseArgs({ args: [...words], options, allowPositionals, strict: true });
  for (const [name, value] of Object.entries(parsed.values)) {
    // Such as a variable of a script that was not set: an empty path would be the directory that one happens to be in.
    if (value === '') throw new Error(`--${name}: expected a value, got an empty one`);
  }
  return parsed;
}

function directoriesOf(values: {
  readonly 'config-dir': string;
  readonly 'state-dir': string;
  readonly config?: string | undefined;
}): Directories {
  return {
    configDirectory: values['config-dir'],
    stateDirectory: values['state-dir'],
    settingsFile: values.config,
  };
}
