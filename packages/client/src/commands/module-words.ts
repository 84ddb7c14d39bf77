/** Tells the options of `mig` from the flags of the module, in one command line. */
import { type AnyModule, flagsOf } from '@mig/module';
import { requireActionId } from '../fleet/find-action.ts';
import { Misuse } from '../misuse.ts';
import { isDuration } from '../settings/settings.ts';

/** What is shown of the answers. */
export type Show = 'found' | 'notfound' | 'all';

export interface ModuleOptions {
  readonly target: string | undefined;
  /** undefined: as configured. */
  readonly expiration: string | undefined;
  /** undefined: as configured. */
  readonly shown: Show | undefined;
  readonly show: Show;
  readonly isJson: boolean;
  /** Launches without a countdown. */
  readonly isHasty: boolean;
  /** Signs and prints, and launches nothing. */
  readonly isSignOnly: boolean;
  readonly targetFound: readonly string[];
  readonly targetNotFound: readonly string[];
  /** Where the agent keeps its state that runs a module that stays, with -t local; undefined: where agents usually do. */
  readonly stateDirectory?: string | undefined;
}

/** Our options, and whether a value follows. */
export const moduleOptions: Readonly<Record<string, 'switch' | 'value'>> = {
  t: 'value',
  e: 'value',
  show: 'value',
  json: 'switch',
  y: 'switch',
  s: 'switch',
  'target-found': 'value',
  'target-notfound': 'value',
  'state-dir': 'value',
};

/**
 * Splits `words`. An option of ours may stand anywhere; where the module has a flag of the same name (ping's `-t`), the
 * word is ours until the module's first flag, and the module's from there on. Throws Misuse.
 */
export function splitWords(module: AnyModule, words: readonly string[]): { options: ModuleOptions; flags: string[] } {
  const own = new Map(flagsOf(module).map((flag) => [flag.name, flag]));
  const flags: string[] = [];
  const given = new Map<string, string[]>();
  for (let at = 0; at < words.length; at++) {
    const [, name = '', inline] = /^--?([a-z0-9-]+)(?:=(.*))?$/is.exec(words[at]!) ?? [];
    const flag = own.get(name);
    const isOurs = Object.hasOwn(moduleOptions, name) && (flag === undefined || flags.length === 0);
    if (!isOurs) {
      flags.push(words[at]!);
      const takesNext = flag !== undefined && flag.kind !== 'switch' && inline === undefined;
      if (takesNext && at + 1 < words.length) flags.push(words[++at]!);
      continue;
    }
    const value = moduleOptions[name] === 'switch' ? '' : (inline ?? words[++at]);
    if (value === undefined) throw new Misuse(`-${name}: expected a value after it, got nothing`);
    given.set(name, [...(given.get(name) ?? []), value]);
  }
  return { options: optionsOf(given), flags };
}

function optionsOf(given: ReadonlyMap<string, readonly string[]>): ModuleOptions {
  const show = given.get('show')?.at(-1);
  const shown = show === undefined ? undefined : readShow(show);
  return {
    target: given.get('t')?.at(-1),
    expiration: readExpiration(given.get('e')?.at(-1)),
    shown,
    show: shown ?? 'found',
    isJson: given.has('json'),
    isHasty: given.has('y'),
    isSignOnly: given.has('s'),
    targetFound: readNarrowing('target-found', given.get('target-found') ?? []),
    targetNotFound: readNarrowing('target-notfound', given.get('target-notfound') ?? []),
    stateDirectory: given.get('state-dir')?.at(-1),
  };
}

/** Reads the ids of -target-found and -target-notfound. Throws Misuse. */
export function readNarrowing(option: string, ids: readonly string[]): readonly string[] {
  try {
    return ids.map(requireActionId);
  } catch (error) {
    throw error instanceof Misuse ? new Misuse(`-${option}: ${error.message}`) : error;
  }
}

/** Reads the value of -e, which stays the text that was given. Throws Misuse. */
export function readExpiration(value: string | undefined): string | undefined {
  return value === undefined ? undefined : requireDuration('-e', value);
}

/** Gives `value` when it is a duration. Throws Misuse that names `option`. */
export function requireDuration(option: string, value: string): string {
  if (isDuration(value)) return value;
  throw new Misuse(`${option}: expected a duration such as 90s, 5m, 1h30m or 2d, got '${value}'`);
}

/** Reads the value of -show. Throws Misuse. */
export function readShow(value: string): Show {
  if (value === 'found' || value === 'notfound' || value === 'all') return value;
  throw new Misuse(`-show: expected found, notfound or all, got '${value}'`);
}
