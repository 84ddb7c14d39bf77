/**
 * Reads one audit record: `type=T msg=audit(SECONDS.MILLISECONDS:SERIAL): name=value…`, as the kernel, auditd and its
 * dispatcher write it (https://github.com/linux-audit/audit-documentation, "audit event format"; ausearch(8)).
 */
import { decodeSocketAddress } from './socket-address.ts';
import { syscallName } from './syscall-name.ts';

export interface AuditRecord {
  readonly type: string;
  /** Seconds since 1970, with milliseconds, as it was written. */
  readonly time: string;
  readonly serial: number;
  /** The machine, where records of several come together. */
  readonly node: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

const head = /^(?:node=(\S+) )?type=([A-Z][A-Z0-9_]*|UNKNOWN\[\d+\]) msg=audit\((\d{1,12}\.\d{3}):(\d{1,10})\): ?/;

/** Fields whose value is hexadecimal when it has a character that could end it (audit_encode_nv_string(3)). */
const encoded =
  /^(a\d+(\[\d+\])?|acct|cgroup|cmd|comm|cwd|device|dir|exe|file|grp|key|module|name|new-chardev|new-fs|new-name|ocomm|old-chardev|old-fs|path|proctitle|root_dir|sw|unit|vm|watch|invalid_context)$/;

/** Reads `line`; undefined where it is none. */
export function parseRecord(line: string): AuditRecord | undefined {
  const match = head.exec(line);
  if (match === null) return undefined;
  const [whole, node, type = '', time = '', serial = ''] = match;
  const fields: Record<string, string> = {};
  // auditd in its enriched format adds what numbers mean, after a group separator.
  const [body = '', meanings = ''] = line.slice(whole.length).split('\x1d');
  readFields(type, body, fields);
  readFields(type, meanings, fields);
  nameCall(fields);
  return { type, time, serial: Number(serial), node, fields };
}

/** Adds `ARCH` and `SYSCALL` as the enriched format has them, where it was not written. */
function nameCall(fields: Record<string, string>): void {
  const { arch, syscall } = fields;
  if (arch === undefined || syscall === undefined) return;
  const names = syscallName(arch, syscall);
  if (names === undefined) return;
  fields['ARCH'] ??= names.arch;
  if (names.call !== undefined) fields['SYSCALL'] ??= names.call;
}

/** A name, and a value in double quotes, in single quotes, or up to a space. */
const field = /([A-Za-z_][\w.[\]-]*)=(?:"([^"]*)"|'((?:[^'"]|"[^"]*")*)'|([^\s]*))/g;

function readFields(type: string, body: string, fields: Record<string, string>): void {
  // AVC: `avc:  denied  { read write } for  pid=…`.
  const [, seresult, seperms] = /^avc:\s+(denied|granted)\s+\{\s*([^}]*?)\s*\} for\s/.exec(body) ?? [];
  if (seresult !== undefined) Object.assign(fields, { seresult, seperms });
  for (const [, name = '', quoted, nested, plain = ''] of body.matchAll(field)) {
    if (name === 'data' && typed.test(type)) put(fields, name, lengthOf(quoted ?? nested, plain));
    else if (nested !== undefined) readFields(type, nested, fields);
    else put(fields, name, quoted ?? decode(type, name, unbracketed(plain)));
  }
}

/** Old user messages have fields in brackets, with commas: `(hostname=?, addr=?, res=success)`. */
function unbracketed(value: string): string {
  if (value === '(null)' || value === '(none)') return value;
  return value.replace(/[,)]+$/, (end) => (value.includes('(') ? end : ''));
}

/** The same name twice in one record: none may hide the other. */
function put(fields: Record<string, string>, name: string, value: string | undefined): void {
  if (value === undefined || !isSafe(name)) return;
  let free = name;
  for (let n = 2; Object.hasOwn(fields, free) && fields[free] !== value; n++) free = `${name}_${n}`;
  fields[free] = value;
}

function isSafe(name: string): boolean {
  return name !== '__proto__';
}

/** The value of a field that was not in quotes; undefined where it says that there is none. */
function decode(type: string, name: string, value: string): string | undefined {
  if (value === '(null)') return undefined;
  if (name === 'saddr') return decodeSocketAddress(value) ?? value;
  const isArgument = /^a\d/.test(name);
  if (isArgument && type !== 'EXECVE') return value;
  if (!encoded.test(name) || value.length % 2 === 1 || !/^[0-9A-F]+$/.test(value)) return value;
  const bytes = Buffer.from(value, 'hex');
  if (name === 'proctitle') return trimNul(bytes).toString().replaceAll('\0', ' ');
  // Several keys of one rule stand in one field.
  if (name === 'key') return bytes.toString().replaceAll('\x01', ',');
  return bytes.toString();
}

/** Records of what somebody typed, by name, or by number where auditd does not know it. It is content. */
const typed = /TTY$|^UNKNOWN\[(1124|1319)\]$/;

/** All that may be told of content. The kernel writes it in quotes where nothing in it could end them, else as digits. */
function lengthOf(text: string | undefined, digits: string): string {
  return `${text === undefined ? digits.length / 2 : Buffer.byteLength(text)} bytes`;
}

function trimNul(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}
