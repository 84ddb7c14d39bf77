import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@mig/daemon';
import { runModuleProcess } from '@mig/module/runner';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { example } from '../../../modules/src/example/example.ts';
import { OwnSnapshot } from './own-snapshot.ts';

const built = join(import.meta.dirname, '../../dist');

let folder = '';
let path = '';
let said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-snapshot-'));
  path = join(folder, 'mig-agent.blob.kept');
  said = [];
  copyFileSync(join(built, 'mig-agent.cjs'), join(folder, 'mig-agent.cjs'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(): OwnSnapshot {
  const note = (level: string) => (fields: object, text: string) => {
    said.push(`${level} ${text} ${JSON.stringify(fields)}`);
  };
  return new OwnSnapshot(folder, path, { info: note('info'), warn: note('warn') } as unknown as Logger);
}

async function made(): Promise<OwnSnapshot> {
  const snapshot = open();
  expect(snapshot.nodeFlags).toEqual([]);
  snapshot.makeSoon(0);
  await vi.waitFor(() => expect(snapshot.nodeFlags).toEqual(['--snapshot-blob', path]), 60_000);
  return snapshot;
}

test('a snapshot is made where there is none, modules run from it, and the next agent finds it', async () => {
  const snapshot = await made();
  expect(said).toEqual([expect.stringContaining('info start-up snapshot made')]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  // Without its script it can only have started from the snapshot.
  writeFileSync(join(folder, 'mig-agent.cjs'), 'throw new Error("started from the script");');
  const result = await runModuleProcess(example, { gethostname: true }, { host: snapshot });
  expect(result).toMatchObject({ success: true, foundanything: true });
  expect(open().nodeFlags).toEqual([]);
  copyFileSync(join(built, 'mig-agent.cjs'), join(folder, 'mig-agent.cjs'));
  expect(open().nodeFlags).toEqual(['--snapshot-blob', path]);
});

test.each([
  ['is of another agent', () => appendFileSync(join(folder, 'mig-agent.cjs'), '\n//')],
  ['is of another Node', () => writeFileSync(`${path}.for`, 'v1.0.0 linux x64')],
  ['has lost what it is of', () => rmSync(`${path}.for`)],
  ['can be written to by everybody', () => chmodSync(path, 0o666)],
  ['is of what everybody can write', () => chmodSync(`${path}.for`, 0o666)],
])('one that %s is not used, and made anew', async (_, spoil) => {
  await made();
  spoil();
  await made();
  expect(open().nodeFlags).toEqual(['--snapshot-blob', path]);
});

test('what cannot be made is told, and leaves nothing behind', async () => {
  writeFileSync(join(folder, 'mig-agent.cjs'), 'throw new Error("no agent");');
  const snapshot = open();
  snapshot.makeSoon(0);
  await vi.waitFor(
    () => expect(said).toEqual([expect.stringMatching(/^warn no start-up snapshot .*no agent/s)]),
    60_000,
  );
  expect(snapshot.nodeFlags).toEqual([]);
  expect([existsSync(path), existsSync(`${path}.new`)]).toEqual([false, false]);
});

test('an agent that ends makes none', async () => {
  const snapshot = open();
  snapshot.makeSoon(0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  snapshot.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([said, snapshot.nodeFlags, existsSync(path), existsSync(`${path}.new`)]).toEqual([[], [], false, false]);
});
