/** The help page of a module, made from its declaration. */
import type { AnyModule } from '../contract/define-module.ts';
import { type Flag, flagsOf } from './layout.ts';

/** Lines of help for `module`. With `dash` '' they suit a prompt, where the same words go without it. */
export function helpLines(module: AnyModule, dash: '-' | '' = '-'): string[] {
  const flags = flagsOf(module);
  const width = Math.max(0, ...flags.map((flag) => left(flag, dash).length));
  return [
    `${module.name}: ${module.summary}`,
    `Runs on ${module.platforms.join(', ')}.`,
    '',
    dash === '' ? 'Parameters, one a line; done ends, help shows this:' : 'Parameters:',
    ...flags.map((flag) => `  ${left(flag, dash).padEnd(width)}  ${flag.help}${flag.isList ? ' Repeatable.' : ''}`),
    '',
    'Examples:',
    ...module.examples.flatMap((example) => [`  ${example.asks}`, `    ${exampleLine(module, example.flags, dash)}`]),
  ];
}

function left(flag: Flag, dash: string): string {
  return `${dash}${flag.name}${flag.hint && ` ${flag.hint}`}`;
}

function exampleLine(module: AnyModule, words: readonly string[], dash: string): string {
  if (dash === '-') return `mig ${module.name} -t local ${words.map(quote).join(' ')}`;
  const lines: string[] = [];
  for (const word of words) {
    if (/^-[a-z]/.test(word)) lines.push(word.slice(1));
    else lines.push(`${lines.pop() ?? ''} ${word}`);
  }
  return lines.join(' ⏎ ');
}

/** `word` as a POSIX shell reads it back. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
