/** Asks a person for a module's parameters: the module's flags without their dash, one a line. */
import type { AnyModule } from '../contract/define-module.ts';
import { InvalidParameters } from '../contract/validation.ts';
import { helpLines } from './help.ts';
import { flagsOf } from './layout.ts';
import { parseFlags, type ReadText } from './parse.ts';

/** A terminal, or what stands for one. */
export interface Prompter {
  /** Shows `prompt` and gives the line typed, or undefined at the end of input. */
  ask(prompt: string): Promise<string | undefined>;
  say(line: string): void;
  /** Characters of a line; without end where it is not given. */
  readonly room?: number;
}

/**
 * Prompts until `done` and returns the parameters, validated; undefined when input ended before. `help` prints the
 * words there are, `show` what was given so far, `undo` takes the last line back. A line that is wrong is explained
 * and asked again; nothing typed before is lost.
 */
export async function promptParameters(module: AnyModule, prompter: Prompter, readText: ReadText): Promise<unknown> {
  const lines: string[][] = [];
  prompter.say(`${module.name}: ${module.summary} Type help for the parameters, done when finished.`);
  for (;;) {
    const line = (await prompter.ask(`${module.name}> `))?.trim();
    if (line === undefined) return undefined;
    if (line === '') continue;
    if (line === 'help') for (const text of helpLines(module, '', prompter.room)) prompter.say(text);
    else if (line === 'show') for (const words of lines) prompter.say(words.join(' ').replace(/^-/, ''));
    else if (line === 'undo') lines.pop();
    else {
      try {
        if (line === 'done') return parseFlags(module, lines.flat(), readText);
        const words = readLine(module, line);
        checkLine(module, lines.flat(), words, readText);
        lines.push(words);
      } catch (error) {
        if (!(error instanceof InvalidParameters)) throw error;
        prompter.say(error.message);
      }
    }
  }
}

/** `path /etc/my dir` → `-path`, `/etc/my dir`: the value is the rest of the line, as it was typed. */
function readLine(module: AnyModule, line: string): string[] {
  const [, word, value] = /^-{0,2}(\S+)(?:\s+(.*))?$/s.exec(line)!;
  const flag = flagsOf(module).find(({ name }) => name === word);
  if (value === undefined) return [`-${word}`];
  return flag?.kind === 'switch' ? [`-${word}=${value}`] : [`-${word}`, value];
}

/** Refuses a line that is wrong after those `before`. What is still missing shows when all are judged, at `done`. */
function checkLine(module: AnyModule, before: readonly string[], words: readonly string[], readText: ReadText): void {
  try {
    parseFlags(module, [...before, ...words], readText);
  } catch (error) {
    const word = words[0]!.replace(/^-/, '').replace(/=.*$/s, '');
    const parameter = flagsOf(module)
      .find(({ name }) => name === word)
      ?.path.at(-1);
    if (!(error instanceof InvalidParameters) || error.problems.length === 0) throw error;
    const problem = error.problems.find(({ place }) => parameter !== undefined && place.includes(parameter));
    if (problem !== undefined) throw new InvalidParameters(problem.message, { cause: error });
  }
}
