import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUuid } from '@mig/action';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Journal } from './journal.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mig-journal-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

const hourMs = 3_600_000;
const smallest = 1024 * 1024;

/** An action that starts now and expires in `lastsMs`; `fill` makes its entry longer. */
function started(lastsMs: number, fill = 0) {
  return {
    entry: 'started' as const,
    ...{ time: new Date().toISOString(), commandid: createUuid(), actionid: createUuid() },
    ...{ name: 'a', target: 'true', expireafter: new Date(Date.now() + lastsMs).toISOString(), signers: [] },
    operations: [{ module: 'example', parameters: { fill: 'x'.repeat(fill) } }],
  };
}

test('an id outlives a clock that jumped past its end, a restart, and the clock set right again', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const action = started(hourMs);
  const first = new Journal(directory, smallest);
  first.start(action);
  first.close();
  vi.setSystemTime(Date.now() + 365 * 24 * hourMs);
  const ahead = new Journal(directory, smallest);
  vi.setSystemTime(Date.now() - 365 * 24 * hourMs);
  expect([ahead.hasAction(action.actionid), ahead.hasCommand(action.commandid)]).toEqual([true, true]);
  ahead.close();
});

test('what leaves a full journal is forgotten a day after its end, and no earlier', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const [old, recent] = [started(hourMs), started(25 * hourMs)];
  const journal = new Journal(directory, smallest);
  for (const action of [old, recent]) journal.start(action);
  vi.setSystemTime(Date.now() + 26 * hourMs);
  for (let i = 0; i < 40; i++) journal.start(started(-48 * hourMs, 50_000));
  const known = (of: Journal) => [old, recent].map(({ actionid }) => of.hasAction(actionid));
  expect(known(journal)).toEqual([false, true]);
  journal.close();
  const again = new Journal(directory, smallest);
  expect(known(again)).toEqual([false, true]);
  again.close();
});

test('a journal full of ids that could come again keeps them all, and goes on', () => {
  const known = Array.from({ length: 10 }, () => Array.from({ length: 800 }, () => started(300 * 24 * hourMs)));
  for (const [at, some] of known.entries()) {
    const ids = some.map(({ commandid, actionid, expireafter }) => ({ commandid, actionid, expireafter }));
    const carried = { entry: 'carried', time: new Date().toISOString(), ids, removed: 1, until: '' };
    writeFileSync(join(directory, `actions-${String(at + 1).padStart(8, '0')}.jsonl`), `${JSON.stringify(carried)}\n`);
  }
  const journal = new Journal(directory, smallest);
  const actions = Array.from({ length: 10 }, () => started(300 * 24 * hourMs, 50_000));
  for (const action of actions) journal.start(action);
  journal.close();
  const again = new Journal(directory, smallest);
  const all = [...known.flat(), ...actions];
  expect(all.filter(({ actionid }) => !again.hasAction(actionid))).toEqual([]);
  again.close();
  const bytes = readdirSync(directory).reduce((sum, file) => sum + statSync(join(directory, file)).size, 0);
  expect(bytes).toBeLessThan(3 * smallest);
});
