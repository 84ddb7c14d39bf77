/** An operation that can be counted from outside: each run sends one datagram here, and then waits for an answer. */
import { createSocket } from 'node:dgram';
import type { Operation } from '@mig/action';

export interface CountedRuns {
  /** Runs for `seconds`, unless it is stopped. */
  operation(seconds: number): Operation;
  /** How many runs have begun. */
  readonly count: number;
  /** Resolves when run `number` has begun. */
  begun(number: number): Promise<void>;
}

/** Calls `use` with a counter, and closes it afterwards. */
export async function withCountedRuns(use: (runs: CountedRuns) => Promise<void>): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  let count = 0;
  const waiting = new Map<() => void, number>();
  socket.on('message', () => {
    count++;
    for (const [resolve, number] of waiting) if (count >= number) resolve();
  });
  try {
    await use({
      operation: (seconds) => ({
        module: 'ping',
        parameters: { destination: '127.0.0.1', protocol: 'udp', destinationport: port, count: 1, timeout: seconds },
      }),
      get count() {
        return count;
      },
      begun: (number) =>
        new Promise((resolve) => {
          if (count >= number) resolve();
          else waiting.set(resolve, number);
        }),
    });
  } finally {
    socket.close();
  }
}
