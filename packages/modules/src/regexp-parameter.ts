/** A parameter that holds a regular expression: RE2's syntax, refused with reason and position when it is not. */
import { compile } from '@mig/regexp';
import { z } from 'zod';

/** Longest pattern, in characters: with four bytes for each, elements may still repeat it. */
const longestPattern = 1024;

/** Its value stays the text that was given. */
export const RegexpParameter = regexpParameter((text) => text);

/** The same with an optional `!` before it, which inverts it. */
export const ContentPattern = regexpParameter((text) => text.replace(/^!/, ''));

function regexpParameter(patternIn: (text: string) => string) {
  return z
    .string()
    .min(1)
    .max(longestPattern)
    .superRefine((text, context) => {
      const message = refusal(patternIn(text));
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    });
}

function refusal(pattern: string): string | undefined {
  try {
    compile(pattern);
    return undefined;
  } catch (error) {
    return `expected a regular expression in RE2 syntax: ${describe(error)}`;
  }
}

/** The reason with its position, without the pattern: the contract adds the value itself. */
function describe(error: unknown): string {
  if (error instanceof Error && 'reason' in error && 'position' in error) {
    return `${String(error.reason)} at position ${String(error.position)}`;
  }
  return error instanceof Error ? error.message : String(error);
}
