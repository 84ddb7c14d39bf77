import {
  createKey,
  createUuid,
  type Envelope,
  encodeBase64,
  exportKey,
  readKeyring,
  revokeKey,
  signEnvelope,
} from '@mig/action';
import {
  cancelAction,
  createAction,
  getAction,
  getEnvelope,
  listActions,
  listAudit,
  listCommands,
  updateInvestigator,
  verifyAudit,
} from '@mig/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { destroyAgent } from '../database/agents.ts';
import { markSent } from '../database/commands.ts';
import { refusalOf } from './testing/refusal-of.ts';
import { addAgent, answerCommands, sampleAction, signed } from './testing/sample-fleet.ts';
import { type Person, passphrase, startTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
let dana: Person;
let erin: Person;
let client: Awaited<ReturnType<TestApi['login']>>;
beforeAll(async () => {
  api = await startTestApi();
  dana = await api.add('Dana', ['read', 'launch', 'admin']);
  erin = await api.add('Erin', ['read', 'launch']);
  client = await api.login(dana);
  await addAgent(api.database.db, 'web1');
  await addAgent(api.database.db, 'web2', { isOnline: false });
  await addAgent(api.database.db, 'db1', { os: 'darwin' });
  await destroyAgent(api.database.db, await addAgent(api.database.db, 'gone'));
});
afterAll(() => api.close());

const launch = (envelope: Envelope, as = client) => as.call(createAction, { body: envelope });

describe('a launch', () => {
  test('makes a command for every agent that the target selects, connected or not, and none for others', async () => {
    const action = sampleAction({ name: 'all of them', description: { author: 'Dana' }, threat: { level: 'low' } });
    const launched = await launch(await signed(action, dana));

    expect(launched).toMatchObject({
      id: action.id,
      name: 'all of them',
      status: 'inprogress',
      investigators: [{ name: 'Dana', fingerprint: dana.key.fingerprint }],
      counters: { targeted: 3, pending: 3, done: 0 },
      description: { author: 'Dana' },
      threat: { level: 'low' },
      finishtime: null,
    });
    const { items } = await client.call(listCommands, { params: { id: action.id } });
    expect(items.map(({ agentname }) => agentname)).toEqual(['db1', 'web1', 'web2']);
    const web = await launch(await signed(sampleAction({ target: "name LIKE 'web%'" }), dana));
    expect(web.counters.targeted).toBe(2);
    const nobody = await launch(await signed(sampleAction({ target: 'false' }), dana));
    expect(nobody.counters.targeted).toBe(0);
  });

  test('of the same envelope gives the action that it launched, and changes nothing', async () => {
    const envelope = await signed(sampleAction({ name: 'twice' }), dana);
    const launches = await Promise.all([launch(envelope), launch(envelope), launch(envelope)]);
    await addAgent(api.database.db, 'late', { os: 'late' });

    expect(new Set(launches.map(({ id }) => id)).size).toBe(1);
    expect((await launch(envelope)).counters.targeted).toBe(3);
    const entries = (await client.call(listAudit, { query: { limit: 1000 } })).items;
    expect(
      entries.filter(({ event, details }) => event === 'action launched' && details['name'] === 'twice'),
    ).toHaveLength(1);
  });

  test('keeps the envelope as it was signed, by one or by two', async () => {
    const envelope = await signed(sampleAction(), dana, erin);
    const { id, investigators } = await launch(envelope);

    expect(investigators.map(({ name }) => name)).toEqual(['Dana', 'Erin']);
    expect(await client.call(getEnvelope, { params: { id } })).toEqual(envelope);
  });

  test('of an action for later makes it wait', async () => {
    const validfrom = new Date(Date.now() + 3_600_000).toISOString();
    const action = sampleAction({ validfrom });

    expect((await launch(await signed(action, dana))).status).toBe('pending');
  });

  test('takes the macros of the platform, and no others', async () => {
    expect((await launch(await signed(sampleAction({ target: 'offline' }), dana))).counters.targeted).toBe(1);
    expect((await refusalOf(launch(await signed(sampleAction({ target: 'mine' }), dana)))).code).toBe('TARGET_INVALID');
    expect((await refusalOf(launch(await signed(sampleAction({ target: 'local' }), dana)))).code).toBe(
      'TARGET_INVALID',
    );
  });
});

describe('a launch is refused', () => {
  const refused = async (envelope: Envelope) => {
    const { status, code, problem } = await refusalOf(launch(envelope));
    return { status, code, detail: problem.detail };
  };

  test('without a signature', async () => {
    expect((await refused(await signed(sampleAction()))).code).toBe('SIGNATURE_MISSING');
  });

  test('when the payload was altered', async () => {
    const action = sampleAction();
    const envelope = await signed(action, dana);
    const payload = encodeBase64(new TextEncoder().encode(JSON.stringify({ ...action, target: 'false' })));

    expect((await refused({ ...envelope, payload })).code).toBe('SIGNATURE_INVALID');
    expect((await launch(envelope)).id).toBe(action.id);
  });

  test('when an unknown key has signed, alone or with a known one', async () => {
    const stranger = { key: await createKey({ name: 'Nobody', passphrase: 'correct horse' }) } as Person;

    expect((await refused(await signed(sampleAction(), stranger))).code).toBe('KEY_UNKNOWN');
    expect((await refused(await signed(sampleAction(), dana, stranger))).code).toBe('KEY_UNKNOWN');
  });

  test('when it was launched before with fewer signatures, since agents run it once', async () => {
    const envelope = await signed(sampleAction(), dana);
    const both = await signEnvelope(envelope, { privateKey: erin.key.privateKey, passphrase });
    await launch(envelope);

    expect(await refused(both)).toMatchObject({
      code: 'CONFLICT',
      detail: expect.stringContaining('other signatures'),
    });
    expect((await launch(envelope)).investigators).toHaveLength(1);
  });

  test('when one has signed twice', async () => {
    const envelope = await signed(sampleAction(), dana);
    const twice = { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] };

    expect((await refused(twice)).code).toBe('SIGNER_REPEATED');
  });

  test('when the key of the signer was revoked; a copy without the revocation does not undo it', async () => {
    const frank = await api.add('Frank', ['launch']);
    const { id } = frank.investigator;
    const envelope = await signed(sampleAction(), frank);
    const revoked = await revokeKey(await readKeyring([frank.key.publicKey]), frank.key.revocation);
    for (const publickey of [exportKey(revoked, frank.key.fingerprint), frank.key.publicKey]) {
      await client.call(updateInvestigator, { params: { id }, body: { publickey } });

      expect((await refused(envelope)).code).toBe('KEY_REVOKED');
    }
  });

  test('when the signer is disabled, or may not launch', async () => {
    const grace = await api.add('Grace', ['launch']);
    const { id } = grace.investigator;
    const envelope = await signed(sampleAction(), grace);
    await client.call(updateInvestigator, { params: { id }, body: { status: 'disabled' } });
    const disabled = await refused(envelope);
    await client.call(updateInvestigator, { params: { id }, body: { status: 'active', permissions: ['read'] } });
    const reader = await refused(envelope);

    expect(disabled).toEqual({
      status: 422,
      code: 'ENVELOPE_REFUSED',
      detail: 'a signature is of Grace, who is disabled',
    });
    expect(reader).toMatchObject({
      code: 'ENVELOPE_REFUSED',
      detail: expect.stringContaining('lacks the permission launch'),
    });
  });

  test('when the caller may not launch, whoever has signed', async () => {
    const reader = await api.login(await api.add('Heidi', ['read']));

    expect((await refusalOf(launch(await signed(sampleAction(), dana), reader))).code).toBe('NOT_PERMITTED');
  });

  test('when the action is for another fleet', async () => {
    expect((await refused(await signed(sampleAction({ fleet: 'other' }), dana))).code).toBe('ACTION_OTHER_FLEET');
  });

  test('when the action is over', async () => {
    const action = sampleAction();
    const past = { ...action, validfrom: '2020-01-01T00:00:00.000Z', expireafter: '2020-01-01T00:05:00.000Z' };

    expect((await refused(await signed(past, dana))).code).toBe('ACTION_EXPIRED');
  });

  test('when its id is that of another action', async () => {
    const action = sampleAction();
    await launch(await signed(action, dana));

    expect(await refused(await signed({ ...action, name: 'another' }, dana))).toMatchObject({
      status: 409,
      code: 'CONFLICT',
    });
  });

  test.each([
    ['a sub-select', 'id IN (SELECT id FROM agents)', 'a sub-select'],
    ['a function that is not on the list', 'pg_sleep(10) IS NULL', 'pg_sleep'],
    ['a second statement', 'true); DROP TABLE agents; --', ''],
    ['another column', 'session IS NULL', 'session'],
    ['no condition', 'name', 'no condition'],
    ['a type that does not fit', "pid = 'x'", 'no condition'],
    ['a division by zero', '1/0 = 1', 'no condition'],
  ])('when the target holds %s', async (_, target, reason) => {
    const { status, code, detail } = await refused(await signed(sampleAction({ target }), dana));

    expect({ status, code }).toEqual({ status: 422, code: 'TARGET_INVALID' });
    expect(detail).toContain(reason);
  });

  test.each([
    ['with another type of payload', { payloadType: 'text/plain' }, 'PAYLOAD_TYPE_UNKNOWN'],
    ['with a payload that is no base64', { payload: '*' }, 'ENVELOPE_MALFORMED'],
  ])('%s', async (_, change, code) => {
    expect((await refused({ ...(await signed(sampleAction(), dana)), ...change })).code).toBe(code);
  });

  test('and nothing of it is stored', async () => {
    const action = sampleAction({ target: 'nothing' });
    await refusalOf(launch(await signed(action, dana)));

    expect((await refusalOf(client.call(getAction, { params: { id: action.id } }))).code).toBe('NOT_FOUND');
  });
});

describe('actions', () => {
  test('are listed with the newest first, page by page, and by name, status, signer and id', async () => {
    const mine = await launch(await signed(sampleAction({ name: 'Needle in Hay' }), erin));
    const all: string[] = [];
    for await (const { id } of client.items(listActions, { query: { limit: 2 } })) all.push(id);

    expect(all).toEqual([...all].sort().reverse());
    expect(all.length).toBeGreaterThan(4);
    const ids = async (query: object) => (await client.call(listActions, { query })).items.map(({ id }) => id);
    expect(await ids({ name: 'needle' })).toEqual([mine.id]);
    expect(await ids({ id: mine.id.slice(-8) })).toEqual([mine.id]);
    expect(await ids({ investigator: 'erin', limit: 1 })).toEqual([mine.id]);
    expect(await ids({ status: 'cancelled' })).toEqual([]);
  });

  test('are cancelled: what was not sent ends at once, who has it is told', async () => {
    const { id } = await launch(await signed(sampleAction({ target: "environment->>'os' = 'linux'" }), dana));
    const { items } = await client.call(listCommands, { params: { id } });
    await markSent(api.database.db, [items[0]!.id]);
    const cancelled = await client.call(cancelAction, { params: { id }, body: { reason: 'wrong target' } });

    expect(cancelled).toMatchObject({
      status: 'cancelled',
      counters: { targeted: 2, sent: 1, cancelled: 1 },
      cancellation: { by: 'Dana', reason: 'wrong target' },
    });
    expect(api.cancelled).toEqual([{ agentId: items[0]!.agentid, id: items[0]!.id, reason: 'by Dana: wrong target' }]);
    expect((await client.call(cancelAction, { params: { id }, body: {} })).status).toBe('cancelled');
  });

  test('that are finished cannot be cancelled, and unknown ones not be found', async () => {
    const { id } = await launch(await signed(sampleAction(), dana));
    await answerCommands(api.database.db, id);
    const unknown = createUuid();

    expect((await refusalOf(client.call(cancelAction, { params: { id }, body: {} }))).code).toBe('CONFLICT');
    for (const endpoint of [getAction, getEnvelope, listCommands]) {
      expect((await refusalOf(client.call(endpoint, { params: { id: unknown } }))).code).toBe('NOT_FOUND');
    }
    expect((await refusalOf(client.call(cancelAction, { params: { id: unknown }, body: {} }))).code).toBe('NOT_FOUND');
  });

  test('are in the audit log, launched and cancelled, by whom and with what', async () => {
    const action = sampleAction({ name: 'noted' });
    const byErin = await api.login(erin);
    await byErin.call(createAction, { body: await signed(action, dana) });
    await byErin.call(cancelAction, { params: { id: action.id }, body: { reason: 'no' } });
    const { items } = await client.call(listAudit, { query: { limit: 2 } });

    expect(items.map(({ actor, event, subject }) => [actor, event, subject])).toEqual([
      ['Erin', 'action cancelled', action.id],
      ['Erin', 'action launched', action.id],
    ]);
    expect(items[1]!.details).toMatchObject({
      name: 'noted',
      target: 'true',
      modules: ['ping'],
      signers: [dana.key.fingerprint],
    });
    expect(await client.call(verifyAudit)).toMatchObject({ intact: true, broken: null });
  });
});
