/** The log of a program that stays, on standard error: one line for each event, constant texts, what varies as fields. */
import { pino } from 'pino';
import { journaldLine, textLine } from './log-lines.ts';

export type Logger = pino.Logger;

/** `auto` is journald under systemd, text on a terminal, else json. */
export const logFormats = ['auto', 'json', 'journald', 'text'] as const;
export type LogFormat = (typeof logFormats)[number];

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** Makes the log. `write` takes whole lines. */
export function createLogger(
  { level, format }: { readonly level: (typeof logLevels)[number]; readonly format: LogFormat },
  write: (line: string) => void = (line) => void process.stderr.write(line),
): Logger {
  const wanted = format === 'auto' ? formatOf(process.env, process.stderr.isTTY) : format;
  const shape = { json: (line: string) => line, journald: journaldLine, text: textLine }[wanted];
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => write(shape(line)) },
  );
}

/** Under systemd, standard error goes to the journal (systemd.exec(5), JOURNAL_STREAM). */
function formatOf(environment: NodeJS.ProcessEnv, isTerminal: boolean): Exclude<LogFormat, 'auto'> {
  if (environment['JOURNAL_STREAM'] !== undefined) return 'journald';
  return isTerminal ? 'text' : 'json';
}
