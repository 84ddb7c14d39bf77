import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AuditEntry } from '../resources/audit.ts';
import { beginningOfAudit, describeAudit, hashOfAudit, readAuditLines, verifyAuditChain } from './chain.ts';

/** A log of `count` entries, the oldest first. */
async function logOf(count: number): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (let number = 1; number <= count; number++) {
    const previous = entries.at(-1)?.hash ?? beginningOfAudit;
    const details = { b: [number], a: { d: 'ü', c: null } };
    const entry = { number, time: '2026-01-01T00:00:00.000Z', actor: 'a', event: 'e', subject: 's', details, previous };
    entries.push({ ...entry, hash: await hashOfAudit(entry) });
  }
  return entries;
}

async function* linesOf(text: string) {
  yield* text.split('\n');
}

/** Whoever may write the file may also give an entry that was changed a hash that fits it. */
async function tamper(entries: readonly AuditEntry[], how: string, at: number): Promise<AuditEntry[]> {
  const one = entries[at]!;
  if (how === 'alter') return entries.with(at, { ...one, actor: 'x' });
  if (how === 'alter with its hash') {
    const { hash: _, ...rest } = { ...one, actor: 'x' };
    return entries.with(at, { ...rest, hash: await hashOfAudit(rest) });
  }
  if (how === 'remove') return entries.toSpliced(at, 1);
  return entries.toSpliced(at, 0, one);
}

test('an exported log is followed in both directions', async () => {
  const log = await logOf(5);
  for (const entries of [log, log.toReversed()]) {
    const text = `${entries.map((entry) => JSON.stringify(entry)).join('\n')}\n`;
    const verified = await verifyAuditChain(readAuditLines(linesOf(text)));
    expect(verified).toEqual({ entries: 5, intact: true, broken: null, head: log[4]!.hash });
    expect(describeAudit(verified)).toBe(`intact: 5 entries, the last has the hash ${log[4]!.hash}`);
  }
  expect(await verifyAuditChain([])).toEqual({ entries: 0, intact: true, broken: null, head: beginningOfAudit });
});

test('the first entry that is not as it was written is named, in both directions alike', async () => {
  const log = await logOf(6);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('alter', 'alter with its hash', 'remove', 'repeat'),
      fc.integer({ min: 0, max: 4 }),
      async (how, at) => {
        const entries = await tamper(log, how, at);
        const rising = await verifyAuditChain(entries);
        expect(rising.intact).toBe(false);
        // An entry whose hash was made anew is itself sound: the next does not follow it.
        expect(rising.broken!.number).toBe(how === 'alter with its hash' ? at + 2 : at + 1);
        expect((await verifyAuditChain(entries.toReversed())).broken!.number).toBe(rising.broken!.number);
      },
    ),
  );
});

test('a log without its beginning is not whole, and a line that is no entry is named', async () => {
  const log = await logOf(4);
  expect((await verifyAuditChain(log.slice(2))).broken).toEqual({ number: 1, reason: 'the entry is missing' });
  const lines = linesOf(`${JSON.stringify(log[0])}\n\n{"number": 2}\n`);
  await expect(verifyAuditChain(readAuditLines(lines))).rejects.toThrow(/^line 3: expected an entry of the audit log/);
});
