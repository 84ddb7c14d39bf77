/** The words that follow `mig-server`, and the configuration with what they change. */
import { ConfigurationError } from '@mig/configuration';
import { Misuse, readWords } from '@mig/daemon';
import { loadSettings, type Role, roles, type Settings } from '../settings/settings.ts';

interface Options {
  readonly config: string | undefined;
  readonly dataDirectory: string | undefined;
  readonly roles: readonly Role[] | undefined;
  /** Whether the end of standard input ends the server. */
  readonly isOwned: boolean;
}

export type ServerCommand =
  | { readonly kind: 'help' | 'version' }
  | ({ readonly kind: 'run' | 'check-config' | 'replace-ca' } & Options)
  /** Without a file, the log in the database. */
  | ({ readonly kind: 'audit-verify'; readonly file: string | undefined } & Options);

const standardConfiguration = '/etc/mig-server/mig-server.toml';

/** Reads `words`. Throws Misuse when they cannot be understood. */
export function parseServerWords(words: readonly string[]): ServerCommand {
  if (words.some((word) => /^(-h|--?help)$/.test(word)) || words[0] === 'help') return { kind: 'help' };
  if (words.some((word) => /^(-V|--?version)$/.test(word))) return { kind: 'version' };
  const { options: given, others: kinds } = readWords(words, {
    config: 'value',
    'data-dir': 'value',
    roles: 'value',
    owned: 'switch',
  });
  const options = {
    config: given.config,
    dataDirectory: given['data-dir'],
    roles: given.roles === undefined ? undefined : readRoles(given.roles),
    isOwned: given.owned,
  };
  const [kind = 'run', ...others] = kinds;
  if (kind === 'audit' && others[0] === 'verify' && others.length <= 2) {
    return { kind: 'audit-verify', file: others[1], ...options };
  }
  if ((kind !== 'run' && kind !== 'check-config' && kind !== 'replace-ca') || others.length > 0) {
    throw new Misuse(`expected check-config, audit verify, replace-ca, or options, got '${kinds.join(' ')}'`);
  }
  return { kind, ...options };
}

function readRoles(text: string): readonly Role[] {
  return text.split(',').map((word) => {
    const role = roles.find((known) => known === word.trim());
    if (role === undefined) throw new Misuse(`--roles: expected some of ${roles.join(', ')}, got '${word.trim()}'`);
    return role;
  });
}

/** The configuration that `options` select, with the roles that follow from it. Throws ConfigurationError. */
export function settingsFor(
  { config, dataDirectory, roles: wanted }: Options,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const read = loadSettings(config ?? standardConfiguration, config !== undefined, environment);
  const chosen = wanted ?? (read.roles.length > 0 ? read.roles : undefined);
  const usesOwnBroker = read.relay.urls.length === 0;
  const all = roles.filter((role) => role !== 'relay' || usesOwnBroker);
  const settings = { ...read, datadir: dataDirectory ?? read.datadir, roles: [...new Set(chosen ?? all)] };
  requirePossible(settings, usesOwnBroker);
  return settings;
}

/** Refuses what cannot work, before anything is started. */
function requirePossible({ roles: chosen, database }: Settings, usesOwnBroker: boolean): void {
  const has = (role: Role) => chosen.includes(role);
  if (database.url === '' && !(has('api') && has('scheduler'))) {
    throw new ConfigurationError(
      `roles: the embedded database belongs to one process, expected api and scheduler in it, got ${chosen.join(', ')}: set database.url for several processes`,
    );
  }
  if (usesOwnBroker && !has('relay')) {
    throw new ConfigurationError(`roles: without relay, expected relay.urls to say where the broker is, got none`);
  }
}
