/** An enrolment that did not come about. The message names what was expected, what came, and the way out. */
export class EnrolmentError extends Error {
  override readonly name = 'EnrolmentError';
}
