/**
 * Lines that a person types, with history and completion, or that come through a pipe. What is typed while something
 * runs is kept for the next question, and not echoed.
 */
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { readHistory, writeHistory } from './history.ts';

export interface Question {
  readonly prompt: string;
  /** Gives the whole words that the last word of `line` may be meant to be. */
  readonly complete?: (line: string) => Promise<readonly string[]>;
  /** Whether the answer belongs into the history. */
  readonly isKept?: boolean;
  /** Whether only an answer counts that is typed after the question: for what must be meant. */
  readonly isFresh?: boolean;
  /** Ends the question without an answer. */
  readonly signal?: AbortSignal;
}

export interface LineReader {
  readonly isTerminal: boolean;
  /** Gives the line typed; undefined at the end of input (ctrl-d), and when the question was stopped. */
  ask(question: Question): Promise<string | undefined>;
  /** Lets `work` have the terminal: it may read keys, or start a program that does. */
  aside<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

export interface LineReaderOptions {
  readonly historyFile: string;
  /** Ctrl-c was typed while something runs, or in a question that can be stopped. */
  readonly onInterrupt: () => void;
}

/** Reads the standard input of this process. */
export function openLineReader({ historyFile, onInterrupt }: LineReaderOptions): LineReader {
  const { stdin: input, stdout: output } = process;
  const isTerminal = input.isTTY === true && output.isTTY === true;
  const screen = new Screen(output);
  const waiting: string[] = [];
  let history = isTerminal ? readHistory(historyFile) : [];
  let interface_: Interface | undefined;
  let asked: { readonly question: Question; readonly answer: (line: string | undefined) => void } | undefined;
  let hasEnded = false;

  const open = () => {
    const opened = createInterface({
      input,
      output: screen,
      terminal: isTerminal,
      history: [...history],
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string, give: (error: Error | null, result: [string[], string]) => void) => {
        void completed(line).then((result) => give(null, result));
      },
    });
    opened.on('line', (line) => {
      if (asked === undefined) waiting.push(line);
      else asked.answer(line);
    });
    opened.on('history', (lines: string[]) => {
      if (asked?.question.isKept !== true) lines.shift();
      history = [...lines];
      writeHistory(historyFile, history);
    });
    opened.on('close', () => {
      if (interface_ !== opened) return;
      interface_ = undefined;
      // At a terminal ctrl-d ends one question, and a pipe has one end only.
      if (!isTerminal) hasEnded = true;
      if (isTerminal) output.write('\n');
      asked?.answer(undefined);
    });
    opened.on('SIGINT', () => {
      if (asked === undefined || asked.question.signal !== undefined) return onInterrupt();
      clear(opened);
      output.write('\n');
      opened.prompt();
    });
    return opened;
  };
  const shut = () => {
    const open = interface_;
    interface_ = undefined;
    open?.close();
  };

  async function completed(line: string): Promise<[string[], string]> {
    const word = /\S*$/.exec(line)![0];
    const words = (await asked?.question.complete?.(line).catch(() => [])) ?? [];
    const fitting = words.filter((candidate) => candidate.startsWith(word));
    const [only, another] = fitting;
    return [only !== undefined && another === undefined && !only.endsWith('=') ? [`${only} `] : fitting, word];
  }

  return {
    isTerminal,
    async ask(question) {
      if (question.signal?.aborted) return undefined;
      if (question.isFresh && isTerminal) waiting.length = 0;
      const next = waiting.shift();
      if (next !== undefined) return next;
      if (hasEnded) return undefined;
      interface_ ??= open();
      screen.isMuted = false;
      try {
        return await new Promise<string | undefined>((resolve) => {
          // Lines come in bunches: the next one is not for this question any more.
          const answer = (line: string | undefined) => {
            asked = undefined;
            question.signal?.removeEventListener('abort', stop);
            resolve(line);
          };
          const stop = () => answer(undefined);
          asked = { question, answer };
          question.signal?.addEventListener('abort', stop);
          if (!isTerminal) return;
          if (question.isFresh) clear(interface_!);
          interface_!.setPrompt(question.prompt);
          interface_!.prompt(true);
        });
      } finally {
        screen.isMuted = true;
      }
    },
    async aside(work) {
      if (!isTerminal) return work();
      shut();
      try {
        return await work();
      } finally {
        interface_ = open();
      }
    },
    close: shut,
  };
}

/** Drops what is typed so far. */
function clear(opened: Interface): void {
  opened.write(null, { ctrl: true, name: 'e' });
  opened.write(null, { ctrl: true, name: 'u' });
}

/** The output of the line editor: muted while something else writes. */
class Screen extends Writable {
  isMuted = true;

  constructor(private readonly output: NodeJS.WriteStream) {
    super({ decodeStrings: false });
    output.on('resize', () => this.emit('resize'));
  }

  get columns(): number {
    return this.output.columns;
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (!this.isMuted) this.output.write(chunk);
    done();
  }
}
