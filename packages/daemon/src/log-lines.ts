/** A line of the log in other forms than JSON. */
import { z } from 'zod';

const Line = z.looseObject({ level: z.string(), time: z.string(), msg: z.string().optional() });

/** Priorities of syslog(3), which journald reads from the start of a line (sd-daemon(3)). */
const priorities: Readonly<Record<string, number>> = { fatal: 2, error: 3, warn: 4, info: 6, debug: 7, trace: 7 };

/** `<6>text key=value …`: journald adds the time itself. */
export function journaldLine(json: string): string {
  const { level, time: _, msg = '', ...fields } = Line.parse(JSON.parse(json));
  return `<${priorities[level] ?? 6}>${msg}${fieldsOf(fields)}\n`;
}

/** `time level text key=value …`, for people. */
export function textLine(json: string): string {
  const { level, time, msg = '', ...fields } = Line.parse(JSON.parse(json));
  return `${time} ${level} ${msg}${fieldsOf(fields)}\n`;
}

function fieldsOf(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(
      ([key, value]) =>
        ` ${key}=${typeof value === 'string' && /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value)}`,
    )
    .join('');
}
