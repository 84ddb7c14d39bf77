/** A built program at a terminal, which script(1) of util-linux gives it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onTestFailed, onTestFinished } from 'vitest';
import { root } from './processes.ts';

export interface TerminalProcess {
  type(text: string): void;
  /** Resolves with what fits `pattern` on the screen, behind what was found before; rejects when the program ends without it. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<number | null>;
}

/** Starts a program of the client with `words`, until the end of the test. */
export function atTerminal(
  program: 'mig' | 'mig-console',
  words: readonly string[],
  variables: Readonly<Record<string, string>>,
): TerminalProcess {
  const script = join(root, `packages/client/bin/${program}.cjs`);
  const line = [process.execPath, script, ...words].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', ...variables },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  const listeners = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
    for (const listen of listeners) listen();
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  onTestFinished(() => void child.kill('SIGKILL'));
  onTestFailed(() => void process.stderr.write(`the screen since the last find: ${JSON.stringify(screen)}\n`));
  return {
    type: (text) => void child.stdin.write(text),
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const at = pattern.exec(screen);
          if (at === null) return;
          screen = screen.slice(at.index + at[0].length);
          listeners.delete(look);
          resolve(at);
        };
        listeners.add(look);
        void ended.then(() => reject(new Error(`it ended, and never showed ${pattern}: ${screen}`)));
        look();
      }),
    ended,
  };
}
