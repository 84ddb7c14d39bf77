/** Tells the options of `mig` from the flags of the module, in one command line. */
import { type AnyModule, flagsOf } from '@mig/module';
import { Misuse } from '../misuse.ts';

/** What is shown of the answers. */
export type Show = 'found' | 'notfound' | 'all';

export interface ModuleOptions {
  readonly target: string | undefined;
  readonly show: Show;
  readonly isJson: boolean;
}

/**
 * Splits `words`. An option of ours may stand anywhere; where the module has a flag of the same name (ping's `-t`), the
 * word is ours until the module's first flag, and the module's from there on. Throws Misuse.
 */
export function splitWords(module: AnyModule, words: readonly string[]): { options: ModuleOptions; flags: string[] } {
  const own = new Map(flagsOf(module).map((flag) => [flag.name, flag]));
  const flags: string[] = [];
  let target: string | undefined;
  let show: Show = 'found';
  let isJson = false;
  for (let at = 0; at < words.length; at++) {
    const [, name = '', inline] = /^--?([a-z0-9]+)(?:=(.*))?$/is.exec(words[at]!) ?? [];
    const flag = own.get(name);
    const isOurs = ['t', 'show', 'json'].includes(name) && (flag === undefined || flags.length === 0);
    if (!isOurs) {
      flags.push(words[at]!);
      const takesNext = flag !== undefined && flag.kind !== 'switch' && inline === undefined;
      if (takesNext && at + 1 < words.length) flags.push(words[++at]!);
    } else if (name === 'json') isJson = true;
    else {
      const value = inline ?? words[++at];
      if (value === undefined) throw new Misuse(`-${name}: expected a value after it, got nothing`);
      if (name === 't') target = value;
      else show = readShow(value);
    }
  }
  return { options: { target, show, isJson }, flags };
}

function readShow(value: string): Show {
  if (value === 'found' || value === 'notfound' || value === 'all') return value;
  throw new Misuse(`-show: expected found, notfound or all, got '${value}'`);
}
