/** The prompts of a module, at the terminal of this process. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type AnyModule, promptParameters } from '@mig/module';

/** Prompts for the parameters of `module`; undefined when the person ended the input. */
export async function promptAtTerminal(module: AnyModule): Promise<unknown> {
  const input = createInterface({ input: process.stdin, output: process.stderr });
  const lines = input[Symbol.asyncIterator]();
  const prompter = {
    async ask(prompt: string): Promise<string | undefined> {
      input.setPrompt(prompt);
      input.prompt();
      const next = await lines.next();
      return next.done ? undefined : next.value;
    },
    say: (line: string) => void process.stderr.write(`${line}\n`),
    room: process.stderr.columns || Number.POSITIVE_INFINITY,
  };
  try {
    return await promptParameters(module, prompter, (path) => readFileSync(path, 'utf8'));
  } finally {
    input.close();
  }
}
