import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAction, createEnvelope, createKey, createUuid, encodeAction, signEnvelope } from '@mig/action';
import { createLogger } from '@mig/daemon';
import { failure } from '@mig/module';
import { available } from '@mig/modules';
import { expect, test } from 'vitest';
import { Journal } from '../journal/journal.ts';
import { PolicyReader } from '../policy/policy.ts';
import { Spool } from '../spool/spool.ts';
import { CommandDesk } from './desk.ts';

const [fleet, passphrase] = ['lab', 'correct horse'];

test('a command that is being checked while the agent stops does not begin, and is left to the platform', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mig-desk-'));
  const place = (name: string) => join(folder, name);
  for (const name of ['keys', 'spool', 'journal']) mkdirSync(place(name));
  const journal = new Journal(place('journal'), 1024 * 1024);
  const spool = new Spool(place('spool'), 1024 * 1024);
  try {
    const { publicKey, privateKey, fingerprint } = await createKey({
      name: 'Dana',
      passphrase,
      now: new Date(Date.now() - 60_000),
    });
    writeFileSync(place('keys/dana.asc'), publicKey);
    const investigators = { Dana: { fingerprint, weight: 1 } };
    writeFileSync(place('acl.json'), JSON.stringify({ default: { minimumweight: 1, investigators } }));
    const asked = { module: 'example', parameters: { gethostname: true } };
    const action = createAction({ fleet, name: 'late', target: 'all', operations: [asked] });
    const envelope = await signEnvelope(createEnvelope(encodeAction(action)), { privateKey, passphrase });
    let runs = 0;
    const desk = new CommandDesk({
      fleet,
      modules: available,
      policy: new PolicyReader({ keys: place('keys'), acl: place('acl.json') }),
      journal,
      spool,
      runOperation: async () => {
        runs++;
        return failure('it ran');
      },
      send: () => {},
      isPrivate: false,
      limits: { actions: 4, queued: 10, timeoutMs: 60_000 },
      log: createLogger({ level: 'fatal', format: 'json' }),
    });
    const commandid = createUuid();
    const taken = desk.receive({ commandid, actionid: action.id, envelope, senttime: new Date().toISOString() });
    await desk.stop();
    await taken;
    expect([runs, journal.hasCommand(commandid), spool.ids, desk.heldIds]).toEqual([0, false, [], []]);
  } finally {
    journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
