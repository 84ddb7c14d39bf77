/** A place in a pattern that is being read. */
import { RegexpSyntaxError } from './regexp-syntax-error.ts';

export interface Flags {
  readonly foldsCase: boolean;
  /** `m`: `^` and `$` at line boundaries too. */
  readonly isMultiLine: boolean;
  /** `s`: `.` matches a newline too. */
  readonly dotMatchesNewline: boolean;
  /** `U`: repetition prefers fewer, and more with `?`. */
  readonly isUngreedy: boolean;
}

export class Cursor {
  at = 0;
  flags: Flags = { foldsCase: false, isMultiLine: false, dotMatchesNewline: false, isUngreedy: false };
  readonly groupNames = new Set<string>();

  constructor(readonly pattern: string) {}

  get isAtEnd(): boolean {
    return this.at >= this.pattern.length;
  }

  /** Whether the pattern goes on with `text` here. */
  sees(text: string): boolean {
    return this.pattern.startsWith(text, this.at);
  }

  /** Steps over `text` when the pattern goes on with it. */
  take(text: string): boolean {
    if (!this.sees(text)) return false;
    this.at += text.length;
    return true;
  }

  /** Steps over what `expression`, which must be sticky, matches here. */
  takeMatch(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at;
    const match = expression.exec(this.pattern);
    if (match === null) return undefined;
    this.at += match[0].length;
    return match;
  }

  /** Steps over one code point and gives it. */
  takeCodePoint(): number {
    const codePoint = this.pattern.codePointAt(this.at);
    if (codePoint === undefined) this.fail('the pattern ends too early');
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) this.fail('half of a surrogate pair, which no text in UTF-8 holds');
    this.at += codePoint > 0xffff ? 2 : 1;
    return codePoint;
  }

  fail(reason: string, position = this.at): never {
    throw new RegexpSyntaxError(this.pattern, position, reason);
  }
}
