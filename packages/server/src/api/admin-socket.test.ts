import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKey } from '@mig/action';
import { Investigator } from '@mig/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAdminSocket } from './admin-socket.ts';
import { type Person, passphrase, startTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const post = (path: string, body: unknown) =>
  api.rawLocal(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe("the local administrator's socket", () => {
  test('makes the first investigator, who then logs in', async () => {
    const key = await createKey({ name: 'First', passphrase });
    const body = { name: 'First', publickey: key.publicKey, permissions: ['read', 'launch', 'admin'] };
    const made = await post('/api/v1/investigators', body);
    const investigator = Investigator.parse(JSON.parse(made.text));

    expect(made.status).toBe(201);
    expect(investigator).toMatchObject({ name: 'First', fingerprint: key.fingerprint, status: 'active' });
    await api.login({ investigator, key } satisfies Person);
    const audit = JSON.parse((await api.rawLocal('/api/v1/audit?limit=5')).text) as {
      items: { actor: string; event: string }[];
    };
    expect(audit.items.map(({ actor, event }) => `${actor}: ${event}`)).toEqual([
      'First: logged in',
      'local administrator: investigator added',
    ]);
  });

  test.each([
    [
      'a key that is there already',
      async () => ({ publickey: (await api.add('Twin', [])).key.publicKey }),
      409,
      'CONFLICT',
    ],
    [
      'a private key',
      async () => ({ publickey: (await createKey({ name: 'x', passphrase })).privateKey }),
      422,
      'KEY_IS_PRIVATE',
    ],
    ['no key', () => ({ publickey: 'x' }), 422, 'KEY_MALFORMED'],
    [
      'two keys',
      async () => {
        const [a, b] = [await createKey({ name: 'a', passphrase }), await createKey({ name: 'b', passphrase })];
        return { publickey: `${a.publicKey}\n${b.publicKey}` };
      },
      400,
      'BAD_REQUEST',
    ],
    [
      'a key that has expired',
      async () => {
        const now = new Date(Date.now() - 86_400_000);
        return { publickey: (await createKey({ name: 'old', passphrase, expiresAfterMs: 1000, now })).publicKey };
      },
      422,
      'KEY_EXPIRED',
    ],
    ['a permission that is none', async () => ({ permissions: ['root'] }), 400, 'BAD_REQUEST'],
    ['a name with NUL', async () => ({ name: 'a\0b' }), 400, 'BAD_REQUEST'],
  ])('refuses %s', async (_, change, status, code) => {
    const { publicKey: publickey } = await createKey({ name: 'fresh', passphrase });
    const body = { name: 'x', permissions: [], publickey, ...(await change()) };
    const answer = await post('/api/v1/investigators', body);

    expect(answer).toMatchObject({ status, type: 'application/problem+json' });
    expect(JSON.parse(answer.text)).toMatchObject({ code });
  });

  test('changes the copy of a key, and not the key', async () => {
    const { investigator } = await api.add('Owner', []);
    const other = await createKey({ name: 'other', passphrase });
    const answer = await api.rawLocal(`/api/v1/investigators/${investigator.id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ publickey: other.publicKey }),
    });

    expect(answer.status).toBe(409);
  });

  test('is of nobody who would have macros, a self, or a session', async () => {
    expect((await api.rawLocal('/api/v1/investigators/self')).status).toBe(404);
    expect((await api.rawLocal('/api/v1/macros/mine', { method: 'DELETE' })).status).toBe(404);
    expect((await api.rawLocal('/api/v1/sessions/current', { method: 'DELETE' })).status).toBe(409);
  });

  test('can be opened by its owner only', () => {
    expect((statSync(api.socketPath).mode & 0o777).toString(8)).toBe('600');
    // As another user: the test runs as root, for whom no mode counts.
    const asNobody = (file: string) =>
      execFileSync(
        'setpriv',
        [
          '--reuid=65534',
          '--clear-groups',
          '/usr/bin/python3',
          '-c',
          'import socket,sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])',
          file,
        ],
        {
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      );
    execFileSync('chmod', ['755', join(api.socketPath, '..')]);

    expect(() => asNobody(api.socketPath)).toThrow('Permission denied');
    execFileSync('chmod', ['666', api.socketPath]);
    asNobody(api.socketPath);
    execFileSync('chmod', ['600', api.socketPath]);
  });

  test('takes the place of one that a killed server left, but of no server that runs, and of no file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mig-socket-'));
    const path = join(folder, 'admin.sock');
    execFileSync('/usr/bin/python3', [
      '-c',
      'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])',
      path,
    ]);
    const close = await openAdminSocket(createServer(), path);

    await expect(openAdminSocket(createServer(), path)).rejects.toThrow('is the socket of a server that runs');
    await close();
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, 'something');
    await expect(openAdminSocket(createServer(), path)).rejects.toThrow('is there and no socket');
    rmSync(folder, { recursive: true });
  });
});
