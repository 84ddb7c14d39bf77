/** The help page of a module, made from its declaration. */
import { z } from 'zod';
import type { AnyModule } from '../contract/define-module.ts';
import { type AnyPersistentModule, isPersistent } from '../contract/persistent-module.ts';
import { columnLines, wrapped } from './columns.ts';
import { type Flag, flagsOf } from './layout.ts';

const widestColumn = 24;

/**
 * Lines of help for `module`, of at most `room` characters; commands stay whole, to be copied. With `dash` '' they suit a
 * prompt, where the same words go without it.
 */
export function helpLines(module: AnyModule, dash: '-' | '' = '-', room = Number.POSITIVE_INFINITY): string[] {
  const flags = flagsOf(module);
  const rows = flags.map((flag) => [left(flag, dash), `${flag.help}${flag.isList ? ' Repeatable.' : ''}`] as const);
  const asked = (asks: string) => wrapped(asks, room - 2).map((line) => `  ${line}`);
  return [
    ...wrapped(`${module.name}: ${module.summary}`, room),
    `Runs on ${module.platforms.join(', ')}.`,
    ...(isPersistent(module) ? wrapped(stays(module.name), room) : []),
    '',
    ...wrapped(headingOf(flags, dash), room),
    ...columnLines(rows, room, widestColumn),
    '',
    'Examples:',
    ...module.examples.flatMap(({ asks, flags }) => [...asked(asks), `    ${exampleLine(module, flags, dash)}`]),
    ...(isPersistent(module) ? ['', ...configurationLines(module, room)] : []),
  ];
}

function headingOf(flags: readonly Flag[], dash: string): string {
  if (flags.length === 0) return dash === '' ? 'It has no parameters; done ends.' : 'It has no parameters.';
  if (dash === '-') return 'Parameters:';
  return 'Parameters, one a line; done ends, show shows what was typed, undo takes the last line back:';
}

function stays(name: string): string {
  return `Stays with the agent: it runs, and answers, on endpoints that have a file modules/${name}.toml.`;
}

/** What the file may hold, one key a line. */
function configurationLines(module: AnyPersistentModule, room: number): string[] {
  const { properties = {} } = z.toJSONSchema(module.config, { io: 'input', unrepresentable: 'any' });
  const keys = Object.entries(properties as Readonly<Record<string, { description?: string; default?: unknown }>>);
  const rows = keys.map(([key, { description = '', default: standard }]) => {
    const unset = standard === undefined ? '' : ` Default ${JSON.stringify(standard)}.`;
    return [key, `${description}${unset}`] as const;
  });
  return [`Keys of modules/${module.name}.toml on the endpoint:`, ...columnLines(rows, room)];
}

function left(flag: Flag, dash: string): string {
  return `${dash}${flag.name}${flag.hint && ` ${flag.hint}`}`;
}

function exampleLine(module: AnyModule, words: readonly string[], dash: string): string {
  if (dash === '-') return ['mig', module.name, '-t', 'local', ...words.map(quote)].join(' ');
  const lines: string[] = [];
  for (const word of words) {
    if (/^-[a-z]/.test(word)) lines.push(word.slice(1));
    else lines.push(`${lines.pop() ?? ''} ${word}`);
  }
  return lines.join(' ⏎ ') || 'done';
}

/** `word` as a POSIX shell reads it back. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
