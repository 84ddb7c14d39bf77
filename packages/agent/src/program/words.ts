/** The words that follow `mig-agent` when they are not about one module: which command, and its options. */
import { parseExpiration } from '@mig/action';
import { Misuse, noWords, type OptionValues, readWords } from '@mig/daemon';
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

const directoryOptions = { 'config-dir': 'value', 'state-dir': 'value', config: 'value' } as const;

/** Reads `words`. Throws Misuse when they cannot be understood. */
export function parseDaemonWords(words: readonly string[]): DaemonCommand {
  const [first = ''] = words;
  const rest = words.slice(1);
  switch (first) {
    case 'enrol':
      return parseEnrol(rest);
    case 'status': {
      const { options, others } = readWords(rest, { json: 'switch', ...directoryOptions });
      noWords(others);
      return { kind: 'status', isJson: options.json, ...directoriesOf(options) };
    }
    case 'journal':
      return parseJournal(rest);
    default: {
      if (first !== '' && !first.startsWith('-')) {
        throw new Misuse(`expected one of enrol, status, journal, or options, got '${first}'`);
      }
      const { options, others } = readWords(words, { checkin: 'switch', owned: 'switch', ...directoryOptions });
      noWords(others);
      return { kind: 'run', isCheckin: options.checkin, isOwned: options.owned, ...directoriesOf(options) };
    }
  }
}

function parseEnrol(words: readonly string[]): DaemonCommand {
  const { options, others } = readWords(words, {
    server: 'value',
    token: 'value',
    'token-file': 'value',
    replace: 'switch',
    ...directoryOptions,
  });
  noWords(others);
  if (options.token !== undefined && options['token-file'] !== undefined) {
    throw new Misuse('expected --token or --token-file, got both');
  }
  return {
    kind: 'enrol',
    server: options.server,
    token: options.token,
    tokenFile: options['token-file'],
    isReplacing: options.replace,
    ...directoriesOf(options),
  };
}

function parseJournal(words: readonly string[]): DaemonCommand {
  const { options, others } = readWords(words, {
    last: 'value',
    since: 'value',
    signer: 'value',
    module: 'value',
    ran: 'switch',
    refused: 'switch',
    json: 'switch',
    ...directoryOptions,
  });
  const { signer, module, since, last: wanted = '20' } = options;
  const last = wanted === 'all' ? Number.POSITIVE_INFINITY : Number(wanted);
  if (wanted !== 'all' && !(Number.isInteger(last) && last >= 1)) {
    throw new Misuse(`--last: expected a number or 'all', got '${wanted}'`);
  }
  if (others.length > 1) throw new Misuse(`expected at most one action's id, got '${others.join(' ')}'`);
  if (options.refused && options.ran) throw new Misuse('expected --refused or --ran, got both');
  const filter: RecordFilter = {
    id: others[0],
    signer,
    module,
    since: since === undefined ? undefined : parseSince(since),
    refused: options.refused ? true : options.ran ? false : undefined,
  };
  return { kind: 'journal', isJson: options.json, last, filter, ...directoriesOf(options) };
}

/** A time, or how long ago it was. */
function parseSince(text: string): Date {
  const time = Date.parse(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(time)) return new Date(time);
  try {
    return new Date(Date.now() - parseExpiration(text));
  } catch {
    throw new Misuse(`--since: expected a time such as 2026-01-31T12:00:00Z or a duration such as 24h, got '${text}'`);
  }
}

function directoriesOf(options: OptionValues<typeof directoryOptions>): Directories {
  return {
    configDirectory: options['config-dir'] ?? standardDirectories.config,
    stateDirectory: options['state-dir'] ?? standardDirectories.state,
    settingsFile: options.config,
  };
}
