/** Lets the event loop turn while a run works without awaiting, so that a stop message is read in time. */

/** Longest stretch of work between two turns of the event loop, in milliseconds. */
const stretchMs = 20;

/** Gives the `breathe` of a run context: see RunContext. It throws the signal's reason once the signal is aborted. */
export function createBreathe(signal: AbortSignal): () => Promise<void> | undefined {
  let turn = performance.now();
  return () => {
    if (signal.aborted) throw signal.reason;
    const now = performance.now();
    if (now - turn < stretchMs) return undefined;
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        turn = performance.now();
        if (signal.aborted) reject(signal.reason);
        else resolve();
      });
    });
  };
}
