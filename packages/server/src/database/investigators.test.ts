import { createUuid } from '@mig/action';
import { expect, test } from 'vitest';
import { nobody } from '../testing/launch-sample.ts';
import { onBothDatabases } from '../testing/on-both-databases.ts';
import { deleteToken, findToken, insertToken, listTokens, useToken } from './enrolment-tokens.ts';
import { insertInvestigator, investigatorWithKey, listInvestigators, updateInvestigator } from './investigators.ts';
import {
  deleteApiKey,
  deleteSession,
  findKeyHolder,
  findSession,
  insertApiKey,
  insertSession,
  listApiKeys,
  useChallenge,
} from './logins.ts';
import { deleteMacro, listMacros, putMacro } from './macros.ts';

const hourFromNow = () => new Date(Date.now() + 3_600_000).toISOString();
const hourAgo = () => new Date(Date.now() - 3_600_000).toISOString();

onBothDatabases((database) => {
  const db = () => database().db;

  test('investigators are known by their keys; who is disabled is logged out', async () => {
    const added = { name: 'Dana', fingerprint: 'B'.repeat(40), publickey: 'key', permissions: ['read'] as const };
    const dana = (await insertInvestigator(db(), added))!;
    expect(await insertInvestigator(db(), added)).toBeUndefined();
    await insertSession(db(), { hash: 'session', investigatorid: dana.id, expires: hourFromNow() });
    const key = { investigatorid: dana.id, name: 'ci', hash: 'key', expiretime: null };
    const { id } = await insertApiKey(db(), key);
    expect([await findSession(db(), 'session'), await findKeyHolder(db(), 'key')]).toEqual([dana, dana]);
    expect(await listApiKeys(db(), dana.id)).toMatchObject([{ id, name: 'ci', lastusedtime: expect.any(String) }]);

    await updateInvestigator(db(), dana.id, { status: 'disabled', name: 'D' });
    expect([await findSession(db(), 'session'), await findKeyHolder(db(), 'key')]).toEqual([undefined, undefined]);
    await updateInvestigator(db(), dana.id, { status: 'active', permissions: ['read', 'launch'] });
    expect(await findSession(db(), 'session')).toBeUndefined();
    expect(await investigatorWithKey(db(), added.fingerprint)).toMatchObject({
      name: 'D',
      permissions: ['read', 'launch'],
    });
    expect(await updateInvestigator(db(), nobody, { name: 'x' })).toBeUndefined();
    expect((await listInvestigators(db(), { limit: 9, after: dana })).map(({ name }) => name)).not.toContain('Dana');
    expect(await deleteApiKey(db(), nobody, id)).toBe(false);
    expect(await deleteApiKey(db(), dana.id, id)).toBe(true);
  });

  test('sessions, keys, challenges and tokens end with their time, and when they are used up', async () => {
    const added = { name: 'Erin', fingerprint: 'C'.repeat(40), publickey: 'key', permissions: ['read'] as const };
    const { id: investigatorid } = (await insertInvestigator(db(), added))!;
    await insertSession(db(), { hash: 'over', investigatorid, expires: hourAgo() });
    await insertApiKey(db(), { investigatorid, name: '', hash: 'overkey', expiretime: hourAgo() });
    expect([await findSession(db(), 'over'), await findKeyHolder(db(), 'overkey')]).toEqual([undefined, undefined]);
    await insertSession(db(), { hash: 'ended', investigatorid, expires: hourFromNow() });
    await deleteSession(db(), 'ended');
    expect(await findSession(db(), 'ended')).toBeUndefined();

    const challenge = { id: createUuid(), fingerprint: added.fingerprint, challenge: 'x', expires: hourFromNow() };
    expect([await useChallenge(db(), challenge), await useChallenge(db(), challenge)]).toEqual([true, false]);

    const token = { name: 'web', tags: { team: 'web' }, createdby: 'Erin', hash: 'token' };
    const { id } = await insertToken(db(), { ...token, usesleft: 2, expiretime: hourFromNow() });
    await insertToken(db(), { ...token, hash: 'late', usesleft: null, expiretime: hourAgo() });
    const used = await Promise.all(['token', 'token', 'token', 'late', 'none'].map((hash) => useToken(db(), hash)));
    expect(used.filter((tags) => tags !== undefined)).toEqual([token.tags, token.tags]);
    expect(await findToken(db(), 'token')).toMatchObject({ uses: 2, usesleft: 0 });
    expect((await listTokens(db())).map(({ uses }) => uses).sort()).toEqual([0, 2]);
    expect([await deleteToken(db(), id), await deleteToken(db(), id)]).toEqual([true, false]);
  });

  test('macros are their owner’s', async () => {
    const added = { name: 'Finn', fingerprint: 'D'.repeat(40), publickey: 'key', permissions: ['read'] as const };
    const { id: investigatorid } = (await insertInvestigator(db(), added))!;
    for (const target of ['true', 'false']) await putMacro(db(), { investigatorid, name: 'web', target });
    expect(await listMacros(db(), investigatorid)).toEqual([{ name: 'web', target: 'false' }]);
    expect(await listMacros(db(), nobody)).toEqual([]);
    expect(await deleteMacro(db(), nobody, 'web')).toBe(false);
    expect(await deleteMacro(db(), investigatorid, 'web')).toBe(true);
  });
});
