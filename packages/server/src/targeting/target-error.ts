/** A target that is refused: why, and where. */
export class TargetError extends Error {
  override readonly name = 'TargetError';

  /** `position` counts characters of the target from 0; undefined when it is the whole that is refused. */
  constructor(
    message: string,
    readonly position?: number,
  ) {
    super(position === undefined ? message : `${message}, at character ${position + 1}`);
  }
}
