/**
 * The chain of the audit log: each entry holds the hash of the one before, so that an entry that was changed, removed or
 * moved breaks it from there on. Whoever has the entries can go through it, with the platform or without.
 */
import { AuditEntry, type AuditVerification } from '../resources/audit.ts';

/** The `previous` of the first entry. */
export const beginningOfAudit = '0'.repeat(64);

/** What the hash of an entry is made of: its values in a fixed order, objects with their keys sorted. */
export function textOfAudit(entry: Omit<AuditEntry, 'hash'>): string {
  const { number, time, actor, event, subject, details, previous } = entry;
  return JSON.stringify([number, time, actor, event, subject, sorted(details), previous]);
}

/** The hash of an entry: SHA-256 in hexadecimal. */
export async function hashOfAudit(entry: Omit<AuditEntry, 'hash'>): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(textOfAudit(entry)));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Goes through a whole log, the oldest entry first or the newest first, and says where it is not as it was written. */
export async function verifyAuditChain(
  entries: AsyncIterable<AuditEntry> | Iterable<AuditEntry>,
): Promise<AuditVerification> {
  const links = new Links();
  let isRising: boolean | undefined;
  let first: AuditEntry | undefined;
  let last: AuditEntry | undefined;
  for await (const entry of entries) {
    if (last !== undefined) {
      isRising ??= entry.number > last.number;
      if (isRising) links.join(last, entry);
      else links.join(entry, last);
    }
    links.count++;
    if ((await hashOfAudit(entry)) !== entry.hash) links.break(entry.number, 'it was changed: its hash does not fit');
    first ??= entry;
    last = entry;
  }
  if (first === undefined || last === undefined) return links.verification(beginningOfAudit);
  const [oldest, newest] = isRising === false ? [last, first] : [first, last];
  links.begin(oldest);
  return links.verification(newest.hash);
}

/** What is wrong, from the beginning of the log: of several faults, the one of the lowest number. */
class Links {
  count = 0;
  #broken: { readonly number: number; readonly reason: string } | undefined;
  /** The hash before the fault. */
  #head = beginningOfAudit;

  break(number: number, reason: string): void {
    if (this.#broken === undefined || number < this.#broken.number) this.#broken = { number, reason };
  }

  begin({ number, previous }: AuditEntry): void {
    if (number < 1) this.break(number, 'it is before the first entry');
    else if (number > 1) this.break(1, 'the entry is missing');
    else if (previous !== beginningOfAudit) this.break(1, 'it does not follow the entry before');
  }

  join(before: AuditEntry, after: AuditEntry): void {
    if (after.number > before.number + 1) this.break(before.number + 1, 'the entry is missing');
    else if (after.number !== before.number + 1) this.break(after.number, 'it is not where it belongs');
    else if (after.previous !== before.hash) this.break(after.number, 'it does not follow the entry before');
    if (this.#broken?.number === before.number + 1) this.#head = before.hash;
  }

  verification(head: string): AuditVerification {
    const broken = this.#broken;
    if (broken === undefined) return { entries: this.count, intact: true, broken: null, head };
    return { entries: Math.max(0, broken.number - 1), intact: false, broken, head: this.#head };
  }
}

/** Reads an exported log, an entry a line. Throws an Error with the number of the line that holds none. */
export async function* readAuditLines(lines: AsyncIterable<string>): AsyncGenerator<AuditEntry> {
  let at = 0;
  for await (const line of lines) {
    at++;
    if (line.trim() !== '') yield readEntry(line, at);
  }
}

function readEntry(line: string, at: number): AuditEntry {
  try {
    return AuditEntry.parse(JSON.parse(line));
  } catch (cause) {
    throw new Error(
      `line ${at}: expected an entry of the audit log in JSON, as GET /audit and mig audit list -json give it`,
      {
        cause,
      },
    );
  }
}

/** What people are told of a verification, in one line. */
export function describeAudit({ entries, intact, broken, head }: AuditVerification): string {
  if (intact) return `intact: ${entries} entries, the last has the hash ${head}`;
  return `broken at entry ${broken?.number}: ${broken?.reason ?? 'no reason given'}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
