/** A module's flags as a person types them: what is wrong is said in flags, and what is likely meant otherwise is asked. */
import { type AnyModule, type Flag, flagsOf, InvalidParameters, parseFlags, type ReadText } from '@mig/module';
import { z } from 'zod';

/**
 * The parameters that `words` mean for `module`, as parseFlags gives them. `remark` gets a sentence where several
 * patterns have to match together. Throws InvalidParameters.
 */
export function readFlags(
  module: AnyModule,
  words: readonly string[],
  readText: ReadText,
  remark: (line: string) => void,
): unknown {
  const flags = flagsOf(module);
  try {
    const parameters = parseFlags(module, words, readText);
    const repeated = repeatedPatterns(module, flags, words, parameters);
    for (const { name } of repeated) {
      remark(`each -${name} has to match; with -matchany, one filter is enough`);
    }
    return parameters;
  } catch (error) {
    if (!(error instanceof InvalidParameters)) throw error;
    const message = words.length === 0 ? nothingAsked(module, flags) : inFlags(error.message, flags);
    throw new InvalidParameters(message, { cause: error, problems: error.problems });
  }
}

function nothingAsked({ name }: AnyModule, [first]: readonly Flag[]): string {
  const such = first === undefined ? '' : ` such as -${first.name}${first.hint && ` ${first.hint}`}`;
  return `${name}: expected flags${such}, got none: its help lists them, with examples`;
}

/** `message` with the name of a flag in place of that of its parameter. */
function inFlags(message: string, flags: readonly Flag[]): string {
  const [before, place] = /^parameter '(?:searches\.[^.']+\.)?([^'[]+)(?:\[\d+\])?'/.exec(message) ?? [];
  if (before === undefined) return message;
  const rest = message.slice(before.length);
  const flag = flags.find(({ path }) => path.join('.') === place || path[0] === place);
  if (flag === undefined) return message;
  return `flag -${flag.name}${rest.replace(/^: expected (?:a list|an object), got nothing/, `: expected ${flag.hint}, got nothing`)}`;
}

const Searches = z.object({ searches: z.record(z.string(), z.record(z.string(), z.unknown())) });
const AllMatch = z.object({ options: z.object({ matchall: z.literal(true) }) });

/** Flags with several regular expressions in one search, all of which have to match although nobody said so. */
function repeatedPatterns(
  module: AnyModule,
  flags: readonly Flag[],
  words: readonly string[],
  parameters: unknown,
): readonly Flag[] {
  const parsed = Searches.safeParse(parameters);
  if (module.flags === undefined || !parsed.success || words.some((word) => /^--?matchall$/.test(word))) return [];
  const searches = Object.values(parsed.data.searches).filter((search) => AllMatch.safeParse(search).success);
  return flags.filter(({ path, hint }) => {
    const isRepeated = (value: unknown) => Array.isArray(value) && new Set(value).size > 1;
    return hint === '<regexp>' && searches.some((search) => isRepeated(search[path[0]!]));
  });
}
