/** The log of the daemon, on standard error: one line for each event, constant texts, what varies as fields. */
import { pino } from 'pino';
import type { Settings } from '../settings/settings.ts';
import { journaldLine, textLine } from './lines.ts';

export type Logger = pino.Logger;
export type LogFormat = 'json' | 'journald' | 'text';

/** Makes the log. `write` takes whole lines. */
export function createLogger(
  { level, format }: Settings['log'],
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
function formatOf(environment: NodeJS.ProcessEnv, isTerminal: boolean): LogFormat {
  if (environment['JOURNAL_STREAM'] !== undefined) return 'journald';
  return isTerminal ? 'text' : 'json';
}
