/** What is wrong with a pattern, and where. */
export class RegexpSyntaxError extends Error {
  override readonly name = 'RegexpSyntaxError';

  /**
   * `position` counts characters (UTF-16 units) from the start of `pattern`; `reason` is a clause without full stop,
   * with the way out where there is one.
   */
  constructor(
    readonly pattern: string,
    readonly position: number,
    readonly reason: string,
  ) {
    super(`${reason}, at position ${position} of '${pattern}'`);
  }
}
