/** Makes a result fit the wire: what is too much becomes a failure that says so, never a cut text. */
import { decodeMessage, encodeMessage, type ResultMessage } from '@mig/action';
import { failure } from '@mig/module';

/** Longest result message, in bytes, as the relay carries it (messageKinds of @mig/action). */
const longestBytes = 16 * 1024 * 1024;

const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** Gives `message` as the platform can read it. Its largest results give way first; the status is then `failed`. */
export function boundResult(message: ResultMessage): ResultMessage {
  let bounded = message;
  const bySize = (message.results ?? [])
    .map((result, operation) => ({ operation, bytes: sizeOf(result) }))
    .sort((a, b) => b.bytes - a.bytes);
  for (const { operation, bytes } of bySize) {
    if (sizeOf(bounded) <= longestBytes) break;
    const reason = `the result holds ${bytes} bytes, and an answer of all operations may hold ${longestBytes}: ask a narrower question`;
    bounded = withFailure(bounded, operation, reason);
  }
  try {
    decodeMessage('result', encodeMessage('result', bounded));
    return bounded;
  } catch (error) {
    return replaced(bounded, `the result is not one that the platform reads: ${(error as Error).message}`);
  }
}

/** Gives `message` without what its operations found, because only `room` bytes are left. */
export function withoutResults(message: ResultMessage, room: number): ResultMessage {
  return replaced(
    message,
    `the result holds ${sizeOf(message)} bytes and was dropped: the endpoint has ${Math.max(0, room)} left for results that wait to be acknowledged`,
  );
}

function replaced(message: ResultMessage, reason: string): ResultMessage {
  const results = message.results?.map(() => failure(reason)) ?? null;
  const status = message.status === 'success' ? 'failed' : message.status;
  return { ...message, status, results, refusals: message.refusals.slice(0, 4) };
}

function withFailure(message: ResultMessage, operation: number, reason: string): ResultMessage {
  const results = message.results!.map((result, i) => (i === operation ? failure(reason) : result));
  return { ...message, status: message.status === 'success' ? 'failed' : message.status, results };
}
