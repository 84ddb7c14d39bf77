/** Reads a module's flags from words: from a command line, or from the lines of a prompt. */
import type { AnyModule } from '../contract/define-module.ts';
import { InvalidParameters, show, validateParameters } from '../contract/validation.ts';
import { type Flag, flagsOf } from './layout.ts';
import { closest } from './suggestion.ts';

/** Gives the text of the file that an investigator named. Throws when it cannot be read. */
export type ReadText = (path: string) => string;

/**
 * Parses `words` (`-path /etc -name=passwd --matchall`) into parameters for `module`, as they travel in an action:
 * validated, defaults not filled in. Throws InvalidParameters with what is wrong and what is expected.
 */
export function parseFlags(module: AnyModule, words: readonly string[], readText: ReadText): unknown {
  const flags = flagsOf(module);
  const values: Record<string, unknown> = {};
  const given = new Map<string, string>();
  for (let at = 0; at < words.length; at++) {
    const { name, inline } = splitWord(words[at]!, module, flags);
    const flag = flags.find((candidate) => candidate.name === name);
    if (flag === undefined) throw new InvalidParameters(unknownFlag(name, module, flags));
    const value = inline ?? (flag.kind === 'switch' ? undefined : words[++at]);
    if (value === undefined && flag.kind !== 'switch') {
      throw new InvalidParameters(`flag -${name}: expected ${flag.hint} after it, got nothing`);
    }
    put(values, flag, readValue(flag, value, readText), given);
  }
  const parameters: unknown = module.flags === undefined ? values : module.flags.wrap(values);
  validateParameters(module, parameters);
  return parameters;
}

function splitWord(word: string, module: AnyModule, flags: readonly Flag[]): { name: string; inline?: string } {
  const match = /^--?([A-Za-z0-9]+)(?:=(.*))?$/s.exec(word);
  if (match === null) {
    const first = flags[0] === undefined ? '' : ` such as -${flags[0].name}${flags[0].hint && ` ${flags[0].hint}`}`;
    throw new InvalidParameters(`expected a flag of module ${module.name}${first}, got ${show(word)}`);
  }
  return match[2] === undefined ? { name: match[1]! } : { name: match[1]!, inline: match[2] };
}

function unknownFlag(name: string, module: AnyModule, flags: readonly Flag[]): string {
  const names = flags.map((flag) => flag.name);
  const near = closest(name, names);
  const hint = near === undefined ? `expected one of ${names.map((n) => `-${n}`).join(' ')}` : `did you mean -${near}?`;
  return `module ${module.name} has no flag -${name}: ${hint}`;
}

function readValue(flag: Flag, text: string | undefined, readText: ReadText): unknown {
  switch (flag.kind) {
    case 'switch':
      return readSwitch(flag, text);
    case 'number': {
      const number = Number(text);
      if (text!.trim() !== '' && Number.isFinite(number)) return number;
      throw new InvalidParameters(`flag -${flag.name}: expected a number, got ${show(text)}`);
    }
    case 'fromFile':
      return readFile(flag, text!, readText);
    case 'text':
      return text;
  }
}

function readSwitch(flag: Flag, text: string | undefined): boolean {
  if (text === undefined || text === 'true') return flag.switchedTo;
  if (text === 'false') return !flag.switchedTo;
  throw new InvalidParameters(`flag -${flag.name}: expected nothing, =true or =false after it, got ${show(text)}`);
}

function readFile(flag: Flag, path: string, readText: ReadText): unknown {
  let text: string;
  try {
    text = readText(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidParameters(`flag -${flag.name}: cannot read ${show(path)}: ${reason}`, { cause });
  }
  if (!flag.isJson) return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidParameters(`flag -${flag.name}: ${show(path)} is not JSON: ${reason}`, { cause });
  }
}

function put(values: Record<string, unknown>, flag: Flag, value: unknown, given: Map<string, string>): void {
  let target = values;
  for (const key of flag.path.slice(0, -1)) {
    target[key] ??= {};
    target = target[key] as Record<string, unknown>;
  }
  const key = flag.path.at(-1)!;
  if (flag.isList) {
    target[key] = [...((target[key] as unknown[] | undefined) ?? []), value];
    return;
  }
  const place = flag.path.join('.');
  const earlier = given.get(place);
  if (earlier !== undefined) {
    const both =
      earlier === flag.name
        ? `flag -${flag.name} is given twice`
        : `flags -${earlier} and -${flag.name} exclude each other`;
    throw new InvalidParameters(`${both}: give it once`);
  }
  given.set(place, flag.name);
  target[key] = value;
}
