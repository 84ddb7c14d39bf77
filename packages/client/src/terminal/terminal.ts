/** Where a command prints: answers on standard output, everything about them on standard error. */

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

/** The terminal of this process. Colours only where a person looks on, and not with NO_COLOR (https://no-color.org). */
export function standardTerminal(): Terminal {
  const { stdout, stderr } = process;
  const isColoured = stderr.isTTY === true && !process.env['NO_COLOR'];
  const paint = (code: number, text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
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
      stderr.write(`${paint(2, line)}\n`);
    },
    complain(line) {
      clear();
      stderr.write(`${paint(31, line)}\n`);
    },
    progress(line) {
      if (stderr.isTTY !== true) return;
      clear();
      stderr.write(paint(2, line));
      hasProgress = line !== '';
    },
  };
}

/** `mig … | head` closes our output early: that is no failure of ours. */
function endOfReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}
