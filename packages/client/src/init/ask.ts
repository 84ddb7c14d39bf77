/** One question to a person at the terminal. */
import { createInterface } from 'node:readline/promises';

/** Gives what was typed, without spaces around it. Throws when the input ended. */
export async function ask(question: string): Promise<string> {
  const input = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<never>((_, reject) => {
      input.once('close', () => reject(new Error(`no answer to '${question.trim()}'`)));
    });
    return (await Promise.race([input.question(question), ended])).trim();
  } finally {
    input.close();
  }
}
