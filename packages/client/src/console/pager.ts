/** Shows long output a screen at a time. */
import { once } from 'node:events';
import type { LineReader } from './input/line-reader.ts';

const prompt = '-- space: next page, enter: next line, a: all, q: stop --';

/** Gives each of `lines` to `print`, and waits for a key where a screen is full. */
export async function printPaged(
  lines: Iterable<string> | AsyncIterable<string>,
  print: (line: string) => void,
  reader: LineReader,
  signal: AbortSignal,
): Promise<void> {
  let room = reader.isTerminal ? screenRows() : Number.POSITIVE_INFINITY;
  for await (const line of lines) {
    signal.throwIfAborted();
    const rows = rowsOf(line);
    if (rows > room) {
      const key = await reader.aside(() => readKey());
      if (key === 'q' || key === '\u0003' || key === '\u0004') return;
      room =
        key === 'a' ? Number.POSITIVE_INFINITY : key === '\r' || key === '\n' ? rows : Math.max(rows, screenRows());
    }
    room -= rows;
    print(line);
  }
}

function rowsOf(line: string): number {
  const columns = process.stdout.columns || Number.POSITIVE_INFINITY;
  return line.split('\n').reduce((sum, part) => sum + Math.max(1, Math.ceil(part.length / columns)), 0);
}

function screenRows(): number {
  // A terminal that does not know its size says 0.
  return Math.max(1, (process.stdout.rows || 24) - 1);
}

async function readKey(): Promise<string> {
  const { stdin, stdout } = process;
  stdout.write(prompt);
  stdin.setRawMode(true);
  stdin.resume();
  try {
    const [chunk] = (await once(stdin, 'data')) as [Buffer | string];
    return String(chunk);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stdout.write('\r\u001b[K');
  }
}
