/** Why the server cannot start: a sentence for whoever started it. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
