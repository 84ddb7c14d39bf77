/** An alert as a syslog message (RFC 5424): its fields are structured data, its message is the text. */
import { printable } from '@mig/module';
import type { OutgoingAlert } from './destination.ts';
import { facilities, severities } from './syslog-codes.ts';

export interface SyslogStyle {
  readonly facility: (typeof facilities)[number];
  readonly severity: (typeof severities)[number];
  readonly appname: string;
  /** Longest message in bytes. Fields that do not fit are left out, and `fieldsleftout` says how many. */
  readonly longest: number;
}

/** Names the structured data. 32473 is the enterprise number for documentation (RFC 5612): the project has none. */
const structuredDataId = 'mig@32473';

export function syslogMessage(alert: OutgoingAlert, style: SyslogStyle): Buffer {
  const priority = facilities.indexOf(style.facility) * 8 + severities.indexOf(style.severity);
  const time = alert.time === '' ? '-' : alert.time;
  const name = (text: string, most: number) => text.replace(/[^!-~]/g, '?').slice(0, most) || '-';
  const header = `<${priority}>1 ${time} ${name(alert.hostname, 255)} ${style.appname} - ${name(alert.module, 32)}`;
  const start = `${header} [${structuredDataId} ${parameter('id', alert.id)} ${parameter('module', alert.module)}`;
  const text = messageText(alert.message);
  const fields = [...flatten(alert.fields, '')].map(([key, value]) => ` ${parameter(key, value)}`);
  return compose(start, fields, text, style.longest);
}

/** Section 6.4: text that is not ASCII starts with a byte order mark. */
function messageText(message: string): string {
  const text = printable(message);
  return /^[ -~]*$/.test(text) ? text : `\ufeff${text}`;
}

function compose(start: string, fields: readonly string[], text: string, longest: number): Buffer {
  const leftOut = (count: number) => (count === 0 ? '' : ` ${parameter('fieldsleftout', String(count))}`);
  const room = longest - Buffer.byteLength(`${start}${leftOut(fields.length)}] `);
  const shown = cut(text, Math.max(room, 0));
  let used = Buffer.byteLength(shown);
  let kept = '';
  let keptCount = 0;
  for (const field of fields) {
    const length = Buffer.byteLength(field);
    if (used + length > room) continue;
    used += length;
    kept += field;
    keptCount++;
  }
  return Buffer.from(`${start}${kept}${leftOut(fields.length - keptCount)}] ${shown}`);
}

/** `text` within `most` bytes of UTF-8; an ellipsis stands for what is missing. */
function cut(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  let shown = '';
  let used = 3;
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > most) break;
    shown += character;
  }
  return `${shown}…`;
}

/** Section 6.3.3: `"`, `\` and `]` are escaped in values; names are ASCII without `=`, space, `]` and `"`. */
function parameter(key: string, value: string): string {
  const name = key.replace(/[^!#-<>-\\^-~]/g, '_').slice(0, 32) || '_';
  return `${name}="${printable(value).replace(/["\\\]]/g, '\\$&')}"`;
}

/** Fields with the names of those that they lie in: `old.size`. */
function* flatten(value: unknown, name: string): Generator<readonly [string, string]> {
  if (value === undefined) return;
  if (value === null || typeof value !== 'object') yield [name, String(value)];
  else if (Array.isArray(value) && value.every((one) => one === null || typeof one !== 'object')) {
    yield [name, value.join(',')];
  } else for (const [key, inner] of Object.entries(value)) yield* flatten(inner, name === '' ? key : `${name}.${key}`);
}
