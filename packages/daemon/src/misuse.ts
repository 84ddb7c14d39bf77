/** The words of a command line that cannot be understood: exit status 2, and the message says what was expected. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}
