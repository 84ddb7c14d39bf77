/** Every kind of message: its direction, its schema, how the relay carries it, and how large it may be. */
import type { z } from 'zod';
import { longestEnvelopeBytes } from '../text/limits.ts';
import { AlertMessage, HeartbeatMessage, HelloMessage, PresenceMessage, ResultMessage } from './from-agent.ts';
import { AcknowledgementMessage, CancelMessage, CommandMessage } from './to-agent.ts';

const kibibyte = 1024;

/**
 * `direction` is the topic level between the agent's id and the kind. `qos` and `retain` are MQTT's: everything that a
 * command depends on is delivered at least once; a heartbeat that is lost is followed by the next.
 */
export const messageKinds = {
  command: kind('to', CommandMessage, { qos: 1, retain: false, longestBytes: longestEnvelopeBytes + 64 * kibibyte }),
  cancel: kind('to', CancelMessage, { qos: 1, retain: false, longestBytes: 64 * kibibyte }),
  acknowledgement: kind('to', AcknowledgementMessage, { qos: 1, retain: false, longestBytes: 64 * kibibyte }),
  hello: kind('from', HelloMessage, { qos: 1, retain: false, longestBytes: 1024 * kibibyte }),
  heartbeat: kind('from', HeartbeatMessage, { qos: 0, retain: false, longestBytes: 512 * kibibyte }),
  presence: kind('from', PresenceMessage, { qos: 1, retain: true, longestBytes: 4 * kibibyte }),
  result: kind('from', ResultMessage, { qos: 1, retain: false, longestBytes: 16 * 1024 * kibibyte }),
  alert: kind('from', AlertMessage, { qos: 1, retain: false, longestBytes: 256 * kibibyte }),
} as const;

/** The name of a kind, which is the last level of its topic. */
export type MessageKind = keyof typeof messageKinds;

/** The message of a kind, as it is read. */
export type MessageOf<Kind extends MessageKind> = z.output<(typeof messageKinds)[Kind]['schema']>;

/** Whether `name` is a kind of message. */
export function isMessageKind(name: string): name is MessageKind {
  return Object.hasOwn(messageKinds, name);
}

interface Carriage {
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly longestBytes: number;
}

function kind<const Direction extends 'to' | 'from', Schema extends z.ZodType>(
  direction: Direction,
  schema: Schema,
  carriage: Carriage,
) {
  return { direction, schema, ...carriage } as const;
}
