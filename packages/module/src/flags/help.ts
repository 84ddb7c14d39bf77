/** The help page of a module, made from its declaration. */
import { z } from 'zod';
import type { AnyModule } from '../contract/define-module.ts';
import { type AnyPersistentModule, isPersistent } from '../contract/persistent-module.ts';
import { type Flag, flagsOf } from './layout.ts';

const widestColumn = 24;

/** Lines of help for `module`. With `dash` '' they suit a prompt, where the same words go without it. */
export function helpLines(module: AnyModule, dash: '-' | '' = '-'): string[] {
  const flags = flagsOf(module);
  const width = Math.min(widestColumn, Math.max(0, ...flags.map((flag) => left(flag, dash).length)));
  return [
    `${module.name}: ${module.summary}`,
    `Runs on ${module.platforms.join(', ')}.`,
    ...(isPersistent(module) ? [stays(module.name)] : []),
    '',
    headingOf(flags, dash),
    ...flags.flatMap((flag) => flagLines(left(flag, dash), `${flag.help}${flag.isList ? ' Repeatable.' : ''}`, width)),
    '',
    'Examples:',
    ...module.examples.flatMap((example) => [`  ${example.asks}`, `    ${exampleLine(module, example.flags, dash)}`]),
    ...(isPersistent(module) ? ['', ...configurationLines(module)] : []),
  ];
}

function headingOf(flags: readonly Flag[], dash: string): string {
  if (flags.length === 0) return dash === '' ? 'It has no parameters; done ends.' : 'It has no parameters.';
  if (dash === '-') return 'Parameters:';
  return 'Parameters, one a line; done ends, show shows what was typed, undo takes the last line back:';
}

/** One line, or two where the flag does not fit into its column. */
function flagLines(flag: string, help: string, width: number): string[] {
  if (flag.length <= width) return [`  ${flag.padEnd(width)}  ${help}`];
  return [`  ${flag}`, `  ${' '.repeat(width)}  ${help}`];
}

function stays(name: string): string {
  return `Stays with the agent: it runs, and answers, on endpoints that have a file modules/${name}.toml.`;
}

/** What the file may hold, one key a line. */
function configurationLines(module: AnyPersistentModule): string[] {
  const { properties = {} } = z.toJSONSchema(module.config, { io: 'input', unrepresentable: 'any' });
  const keys = Object.entries(properties as Readonly<Record<string, { description?: string; default?: unknown }>>);
  const width = Math.max(0, ...keys.map(([key]) => key.length));
  return [
    `Keys of modules/${module.name}.toml on the endpoint:`,
    ...keys.map(([key, { description = '', default: standard }]) => {
      const unset = standard === undefined ? '' : ` Default ${JSON.stringify(standard)}.`;
      return `  ${key.padEnd(width)}  ${description}${unset}`;
    }),
  ];
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
