import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditEntry, beginningOfAudit, hashOfAudit } from '@mig/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Terminal } from '../terminal/terminal.ts';
import { audit } from './audit.ts';
import type { Context } from './command.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-audit-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `mig audit verify` says of a file with `text`, without a platform that could be asked. */
async function verify(text: string, ...words: readonly string[]) {
  const file = join(folder, 'audit.ndjson');
  writeFileSync(file, text);
  const said: string[] = [];
  const terminal = { print: (line: string) => void said.push(line) } as unknown as Terminal;
  const status = await audit.run(['verify', file, ...words], terminal, {} as unknown as Context);
  return { status, said };
}

test('a log that was exported is verified from its file', async () => {
  const first = { number: 1, time: '2026-01-01T00:00:00.000Z', actor: 'a', event: 'e', subject: 's', details: {} };
  const entry: AuditEntry = {
    ...first,
    previous: beginningOfAudit,
    hash: await hashOfAudit({ ...first, previous: beginningOfAudit }),
  };
  const line = JSON.stringify(entry);
  expect(await verify(`${line}\n`)).toEqual({
    status: 0,
    said: [`intact: 1 entries, the last has the hash ${entry.hash}`],
  });
  const changed = JSON.stringify({ ...entry, actor: 'b' });
  expect(await verify(changed)).toEqual({
    status: 1,
    said: ['broken at entry 1: it was changed: its hash does not fit'],
  });
  expect(JSON.parse((await verify(changed, '-json')).said[0]!)).toMatchObject({ intact: false, broken: { number: 1 } });
  await expect(verify(`${line}\n${line.slice(9)}`)).rejects.toThrow(/audit\.ndjson: line 2: expected an entry/);
});
