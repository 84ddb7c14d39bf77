/** Where a command prints: answers on standard output, everything about them on standard error. */
import { paintOn } from './paint.ts';

export interface Terminal {
  /** One line of the answer. */
  print(line: string): void;
  /** One line about the answer: summaries, warnings, what to do next. */
  remark(line: string): void;
  /** One line that says what went wrong. */
  complain(line: string): void;
  /** A line that the next one replaces; shown only to a person at a terminal. '' takes it away. */
  progress(line: string): void;
}

const clearLine = '\r\u001b[K';

/** The terminal of this process. Remarks go to standard error, so that answers can be piped, or where `remarks` says. */
export function standardTerminal(remarks: NodeJS.WriteStream = process.stderr): Terminal {
  const { stdout, stderr } = process;
  const paint = paintOn(stderr);
  let hasProgress = false;
  const clear = () => {
    if (hasProgress) stderr.write(clearLine);
    hasProgress = false;
  };
  stdout.on('error', endOfReader);
  return {
    print(line) {
      clear();
      stdout.write(`${line}\n`);
    },
    remark(line) {
      clear();
      remarks.write(`${paint('dim', line)}\n`);
    },
    complain(line) {
      clear();
      stderr.write(`${paint('red', line)}\n`);
    },
    progress(line) {
      if (stderr.isTTY !== true) return;
      clear();
      // One line, or what replaces it would leave the rest of it behind.
      stderr.write(paint('dim', line.slice(0, Math.max(1, (stderr.columns || 80) - 1))));
      hasProgress = line !== '';
    },
  };
}

/** `mig … | head` closes our output early: that is no failure of ours. */
function endOfReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}
