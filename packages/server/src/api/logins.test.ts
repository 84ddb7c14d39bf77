import { createEnvelope, createKey, encodeLogin, loginPayloadType, signEnvelope } from '@mig/action';
import {
  ApiError,
  createApiKey,
  createChallenge,
  createSession,
  deleteApiKey,
  endSession,
  getSelf,
  listApiKeys,
  listInvestigators,
  updateInvestigator,
} from '@mig/api';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../certificates/issue.ts';
import { Challenges } from './challenge.ts';
import { refusalOf } from './testing/refusal-of.ts';
import { fleet, type Person, passphrase, signLogin, startTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
let dana: Person;
beforeAll(async () => {
  api = await startTestApi();
  dana = await api.add('Dana', ['read', 'launch', 'admin']);
});
afterAll(() => api.close());

const challengeFor = (person: Person) =>
  api.client().call(createChallenge, { body: { fingerprint: person.key.fingerprint } });
const session = (challengeid: string, envelope: Awaited<ReturnType<typeof signLogin>>) =>
  api.client().call(createSession, { body: { challengeid, envelope } });

describe('a login', () => {
  test('is a challenge that the investigator has signed', async () => {
    const { id, ...challenge } = await challengeFor(dana);
    const given = await session(id, await signLogin(dana, challenge));

    expect(given).toMatchObject({ investigator: { name: 'Dana' }, permissions: ['read', 'launch', 'admin'] });
    expect(await api.client(given.token).call(getSelf)).toEqual(dana.investigator);
  });

  test('is refused when the challenge was used before', async () => {
    const { id, ...challenge } = await challengeFor(dana);
    const envelope = await signLogin(dana, challenge);
    await session(id, envelope);

    expect(await refusalOf(session(id, envelope))).toMatchObject({ status: 401, code: 'NOT_AUTHENTICATED' });
    expect(api.log.at(-1)).toContain('the challenge was used before');
  });

  test.each([
    ['for another fleet', 'no challenge of this platform', { fleet: 'other' }],
    ['with another end', 'no challenge of this platform', { expires: '2099-01-01T00:00:00.000Z' }],
    ['that somebody made up', 'no challenge of this platform', { challenge: 'x'.repeat(64) }],
  ])('is refused for a challenge %s', async (_, reason, change) => {
    const { id, ...challenge } = await challengeFor(dana);

    const refused = await refusalOf(session(id, await signLogin(dana, { ...challenge, ...change })));
    expect(refused).toMatchObject({ status: 401, code: 'NOT_AUTHENTICATED' });
    expect(api.log.at(-1)).toContain(reason);
  });

  test('is refused for the challenge of another platform, or one that is over', async () => {
    const login = (challenges: Challenges, now: number) => {
      const { id, ...challenge } = challenges.create(dana.key.fingerprint, now);
      return { id, sign: signLogin(dana, challenge) };
    };
    const other = login(new Challenges(fleet, (await createAuthority(fleet)).key), Date.now());
    const over = login(new Challenges(fleet, api.authority.key), Date.now() - 3_600_000);
    const good = login(new Challenges(fleet, api.authority.key), Date.now());

    expect((await refusalOf(session(other.id, await other.sign))).status).toBe(401);
    expect((await refusalOf(session(over.id, await over.sign))).status).toBe(401);
    expect((await session(good.id, await good.sign)).investigator.name).toBe('Dana');
  });

  test('is refused under the id of another challenge', async () => {
    const [first, second] = [await challengeFor(dana), await challengeFor(dana)];

    expect((await refusalOf(session(second.id, await signLogin(dana, first)))).status).toBe(401);
  });

  test('is refused when another investigator has signed the challenge', async () => {
    const erin = await api.add('Erin', ['read']);
    const { id, ...challenge } = await challengeFor(dana);

    expect((await refusalOf(session(id, await signLogin(erin, challenge)))).status).toBe(401);
    expect(api.log.at(-1)).toContain('is not in the keyring');
  });

  test('is refused without a signature, and with two', async () => {
    const { id, ...challenge } = await challengeFor(dana);
    const bare = createEnvelope(encodeLogin(challenge), loginPayloadType);
    const once = await signLogin(dana, challenge);
    const twice = { ...once, signatures: [...once.signatures, ...once.signatures] };

    expect((await refusalOf(session(id, bare))).status).toBe(401);
    expect((await refusalOf(session(id, twice))).status).toBe(401);
  });

  test('is refused when an action was signed, and not a login', async () => {
    const { id, ...challenge } = await challengeFor(dana);
    const envelope = createEnvelope(encodeLogin(challenge));
    const as = await signEnvelope(envelope, { privateKey: dana.key.privateKey, passphrase });

    expect(await refusalOf(session(id, as))).toMatchObject({ status: 422, code: 'PAYLOAD_TYPE_UNKNOWN' });
  });

  test('of a stranger and of one who is disabled are answered alike', async () => {
    const stranger = { key: await createKey({ name: 'Nobody', passphrase }) } as Person;
    const frank = await api.add('Frank', ['read']);
    const admin = await api.login(dana);
    await admin.call(updateInvestigator, { params: { id: frank.investigator.id }, body: { status: 'disabled' } });
    const refusals: unknown[] = [];
    for (const person of [stranger, frank]) {
      const { id, ...challenge } = await challengeFor(person);
      expect(challenge.challenge).toMatch(/^[0-9A-F]{40}\./);
      refusals.push((await refusalOf(session(id, await signLogin(person, challenge)))).problem);
    }

    expect(refusals[0]).toEqual(refusals[1]);
    expect(api.log.at(-1)).toContain('Frank is disabled');
  });
});

describe('a token', () => {
  test.each([
    ['none', undefined],
    ['one that was made up', 'x'.repeat(43)],
    ['an API key that was made up', `mig_${'x'.repeat(43)}`],
    ['one with characters that no token has', 'x y'],
  ])('is wanted: %s is refused', async (_, token) => {
    const answer = await api.raw(
      '/api/v1/agents',
      token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
    );

    expect(answer).toMatchObject({ status: 401, type: 'application/problem+json' });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'NOT_AUTHENTICATED', status: 401 });
  });

  test('is refused once it has expired', async () => {
    const client = await api.login(await api.add('Grace', ['read']));
    await client.call(getSelf);
    await sql`UPDATE sessions SET expires = now() - interval '1 second'
      WHERE investigatorid = (SELECT id FROM investigators WHERE name = 'Grace')`.execute(api.database.db);

    expect((await refusalOf(client.call(getSelf))).status).toBe(401);
  });

  test('is refused after logging out', async () => {
    const client = await api.login(dana);
    await client.call(endSession);

    expect((await refusalOf(client.call(getSelf))).status).toBe(401);
  });

  test('is refused when its investigator is disabled, and stays so when enabled again', async () => {
    const heidi = await api.add('Heidi', ['read']);
    const client = await api.login(heidi);
    const admin = await api.login(dana);
    for (const status of ['disabled', 'active'] as const) {
      await admin.call(updateInvestigator, { params: { id: heidi.investigator.id }, body: { status } });
      expect((await refusalOf(client.call(getSelf))).status).toBe(401);
    }
  });

  test('gives what its investigator is permitted, and no more', async () => {
    const reader = await api.login(await api.add('Ivan', ['read']));

    expect(
      await refusalOf(reader.call(updateInvestigator, { params: { id: dana.investigator.id }, body: {} })),
    ).toMatchObject({ status: 403, code: 'NOT_PERMITTED' });
  });
});

describe('an API key', () => {
  test('is as good as a login until it is ended', async () => {
    const client = await api.login(dana);
    const { id } = dana.investigator;
    const made = await client.call(createApiKey, { params: { id }, body: { name: 'cron' } });
    const program = api.client(made.key);

    expect(made.key).toMatch(/^mig_/);
    expect((await program.call(getSelf)).name).toBe('Dana');
    expect((await program.call(listApiKeys, { params: { id } }))[0]).toMatchObject({ name: 'cron', expiretime: null });
    await client.call(deleteApiKey, { params: { id, keyid: made.id } });
    expect((await refusalOf(program.call(getSelf))).status).toBe(401);
  });

  test('is refused after its end, and made only for a time to come', async () => {
    const client = await api.login(dana);
    const { id } = dana.investigator;
    const expiretime = new Date(Date.now() + 3_600_000).toISOString();
    const { key } = await client.call(createApiKey, { params: { id }, body: { name: 'short', expiretime } });
    await api.client(key).call(getSelf);
    await sql`UPDATE api_keys SET expiretime = now() - interval '1 second' WHERE name = 'short'`.execute(
      api.database.db,
    );

    expect((await refusalOf(api.client(key).call(getSelf))).status).toBe(401);
    const past = { name: 'past', expiretime: '2020-01-01T00:00:00Z' };
    expect((await refusalOf(client.call(createApiKey, { params: { id }, body: past }))).status).toBe(400);
  });

  test('cannot make another, and ends with its investigator', async () => {
    const judy = await api.add('Judy', ['read']);
    const { id } = judy.investigator;
    const client = await api.login(judy);
    const { key } = await client.call(createApiKey, { params: { id }, body: { name: 'mine' } });

    expect(
      (await refusalOf(api.client(key).call(createApiKey, { params: { id }, body: { name: 'more' } }))).status,
    ).toBe(403);
    const admin = await api.login(dana);
    await admin.call(updateInvestigator, { params: { id }, body: { status: 'disabled' } });
    expect((await refusalOf(api.client(key).call(getSelf))).status).toBe(401);
  });

  test("is its owner's business, and the administrators'", async () => {
    const reader = await api.login(await api.add('Kim', ['read']));
    const { id } = dana.investigator;

    for (const asked of [
      reader.call(listApiKeys, { params: { id } }),
      reader.call(createApiKey, { params: { id }, body: { name: 'x' } }),
    ]) {
      expect((await refusalOf(asked)).code).toBe('NOT_PERMITTED');
    }
    const admin = await api.login(dana);
    const everybody: { readonly name: string; readonly id: string }[] = [];
    for await (const one of admin.items(listInvestigators, { query: { limit: 2 } })) everybody.push(one);
    const kim = everybody.find(({ name }) => name === 'Kim')!;
    expect(await admin.call(listApiKeys, { params: { id: kim.id } })).toEqual([]);
    expect(everybody.map(({ name }) => name)).toEqual(everybody.map(({ name }) => name).sort());
  });
});

test('the errors of the client are of its own kind', async () => {
  await expect(api.client().call(getSelf)).rejects.toBeInstanceOf(ApiError);
});
