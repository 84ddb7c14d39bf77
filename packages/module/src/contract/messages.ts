/**
 * The messages between an agent and a module process: one JSON object per line, `class` first.
 *
 * `parameters` and `stop` go to every module. `ping`, `log`, `register`, `config` and `alert` belong to persistent
 * modules: the agent pings and configures, the module logs, registers its socket and raises alerts. `ack` goes only to
 * modules that number their alerts.
 */
import { z } from 'zod';
import { asWritten } from './parsing.ts';
import { describeIssues } from './validation.ts';

const environment = z.record(z.string(), z.unknown());

export const Message = z.discriminatedUnion('class', [
  z.object({
    class: z.literal('parameters'),
    parameters: z.unknown(),
    persistsock: z.string().optional(),
    /** Which module to run, for a process that was started before anybody knew. */
    module: z.string().optional(),
  }),
  z.object({ class: z.literal('stop') }),
  z.object({ class: z.literal('ping') }),
  z.object({
    class: z.literal('log'),
    parameters: z.object({
      message: z.string(),
      /** How many alerts were dropped since this was said last, where the line is about that. */
      dropped: z.int().positive().optional(),
    }),
  }),
  z.object({ class: z.literal('register'), parameters: z.object({ sockpath: z.string() }) }),
  z.object({
    class: z.literal('config'),
    parameters: z.object({
      config: z.unknown(),
      hostname: z.string(),
      /** Where the instance keeps what it is to know after a restart. */
      statedir: z.string().optional(),
      /** Whether the agent acknowledges alerts that have a number. */
      acknowledges: z.boolean().optional(),
      environment: environment.default({}),
      tags: z.record(z.string(), z.string()).default({}),
    }),
  }),
  z.object({
    class: z.literal('alert'),
    parameters: z.object({
      message: z.string(),
      fields: z.record(z.string(), z.unknown()).optional(),
      /** When it was raised. */
      time: z.string().optional(),
      /**
       * From a module: its own name for the alert, so that one that is told again is known. To a module that receives
       * alerts: the id that the platform knows it by.
       */
      id: z.string().max(128).optional(),
      /** Who raised it, where the agent passes it on. */
      module: z.string().optional(),
      /** Where it is to be acknowledged: one more than that of the alert before. */
      number: z.int().positive().optional(),
      /** Told before, maybe by an instance before, and not acknowledged then. */
      again: z.boolean().optional(),
      /** How many alerts were dropped before this one, where it says nothing else. */
      dropped: z.int().positive().optional(),
    }),
  }),
  /** The agent has written the alerts up to this number to its outbox, or counted those that did not fit. */
  z.object({ class: z.literal('ack'), parameters: z.object({ number: z.int().positive() }) }),
]);
/** One message, in either direction. */
export type Message = z.output<typeof Message>;
/** The name of a kind of message. */
export type MessageClass = Message['class'];

const classes: readonly MessageClass[] = Message.options.map(({ shape }) => shape.class.value);

/** Longest message line that is read, in bytes: room for the largest rule files, and a bound for a broken peer. */
export const longestMessageBytes = 32 * 1024 * 1024;

/** Writes `message` as one line, line end included. */
export function encodeMessage(message: Message): string {
  return `${JSON.stringify(message)}\n`;
}

/** Reads one line. Throws an Error that says what a message looks like when `line` is none. */
export function decodeMessage(line: string): Message {
  const expected = `expected one JSON message on a line, such as {"class":"parameters","parameters":{…}}`;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new Error(`${expected}, got ${excerpt(line)}`, { cause });
  }
  const message = Message.safeParse(value, asWritten);
  if (message.success) return message.data;
  const said = (value as { class?: unknown } | null)?.class;
  if (classes.some((known) => known === said)) {
    const problem = describeIssues(message.error.issues, value).replace(/^parameter /, '');
    throw new Error(`expected a message of class ${said} that is whole: ${problem}, in ${excerpt(line)}`);
  }
  throw new Error(`${expected} of one of the classes ${classes.join(', ')}, got ${excerpt(line)}`);
}

function excerpt(line: string): string {
  return line.length > 120 ? `'${line.slice(0, 120)}…' (${line.length} characters)` : `'${line}'`;
}
