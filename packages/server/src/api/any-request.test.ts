import { connect } from 'node:tls';
import { type AnyEndpoint, createAction, endpoints, Problem } from '@mig/api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RawAnswer, startTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
let token: string;
beforeAll(async () => {
  api = await startTestApi();
  ({ token } = await api.login(await api.add('Dana', ['read', 'launch', 'admin'])));
});
afterAll(() => api.close());

const json = { 'content-type': 'application/json' };
const bearer = () => ({ authorization: `Bearer ${token}` });

/** An answer is a success, or a problem document with the status of the answer. */
function expectSense({ status, type, text }: RawAnswer): void {
  if (status >= 200 && status < 300) return;
  expect({ status, type }).toEqual({
    status: Problem.parse(JSON.parse(text)).status,
    type: 'application/problem+json',
  });
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
}

describe('any request is answered with success or a problem, and never with a failure of the server', () => {
  // Streams do not end, and a session that is ended would end the test.
  const asked = Object.entries(endpoints).filter(
    ([name, { events }]) => events === undefined && name !== 'endSession' && name !== 'updateInvestigator',
  );

  test('whatever the path is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'grapheme' }),
            fc.constantFrom('..', '.', '%2e%2e', '%00', '%', 'agents', 'actions', ''),
          ),
          {
            maxLength: 5,
          },
        ),
        fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
        fc.boolean(),
        async (parts, method, isEncoded) => {
          const path = parts
            .map((part) => (isEncoded ? encodeURIComponent(part) : part.replace(/[^!-~]/g, '~')))
            .join('/');
          expectSense(await rawPath(`/api/v1/${path}`, method));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('whatever is in path, query and body of an endpoint', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...asked),
        fc.oneof(fc.uuid({ version: 7 }), fc.string({ unit: 'binary', minLength: 1, maxLength: 30 })),
        fc.dictionary(
          fc.constantFrom('after', 'limit', 'target', 'status', 'name', 'id', 'open', 'found', 'x'),
          oddText,
          { maxKeys: 3 },
        ),
        fc.option(fc.oneof(fc.jsonValue(), bodyLike), { nil: undefined }),
        async ([, endpoint], id, query, content) => {
          const body = endpoint.method === 'GET' ? undefined : content;
          const path = endpoint.path.replace(/:[a-z]+/g, () => encodeURIComponent(id.replace(/\p{Surrogate}/gu, '~')));
          const search = new URLSearchParams(query).toString();
          const answer = await api.raw(`/api/v1${path}?${search}`, {
            method: endpoint.method,
            headers: { ...bearer(), ...(body === undefined ? {} : json) },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          });
          expectSense(answer);
        },
      ),
      { numRuns: 150 },
    );
    expect(api.log.filter((line) => line.includes('request ') && line.includes('Error'))).toEqual([]);
  });

  test('whatever bytes the body is', async () => {
    const bodied = asked.filter(([, { method }]) => method !== 'GET' && method !== 'DELETE');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...bodied), fc.uint8Array({ maxLength: 200 }), async ([, endpoint], body) => {
        const answer = await api.raw(pathOf(endpoint), {
          method: endpoint.method,
          headers: { ...bearer(), ...json },
          body,
        });
        expectSense(answer);
        expect(answer.status).toBeGreaterThanOrEqual(400);
      }),
      { numRuns: 40 },
    );
  });

  test('whatever stands on the connection instead of HTTP', async () => {
    for (const bytes of [
      'nonsense\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
      'GET /api/v1/agents HTTP/1.1\r\nConnection: close\r\n\r\n',
    ]) {
      const [head = '', body = ''] = (await onConnection(bytes)).split('\r\n\r\n');
      expect(head).toContain('application/problem+json');
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${Problem.parse(JSON.parse(body)).status} `));
    }
  });
});

const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom("'", 'a\0b', 'true', '0', '-1', '99999999999999999999', "name = 'x'", 'é'),
);
const bodyLike = fc.record(
  {
    name: oddText,
    target: oddText,
    tags: fc.dictionary(fc.string(), fc.oneof(oddText, fc.integer())),
    uses: fc.oneof(fc.integer(), fc.double()),
    expiretime: fc.oneof(
      oddText,
      fc.constantFrom('0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2030-01-01T00:00:00+23:59'),
    ),
    reason: oddText,
    permissions: fc.array(fc.constantFrom('read', 'x')),
    publickey: oddText,
    fingerprint: oddText,
    challengeid: oddText,
    token: oddText,
    csr: oddText,
    payload: oddText,
    payloadType: oddText,
    signatures: fc.array(fc.record({ sig: oddText }), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const pathOf = ({ path }: AnyEndpoint) => `/api/v1${path.replace(/:[a-z]+/g, '01909b4e-7d2a-7c3e-9a40-5b0f1a2b3c4d')}`;

describe('a request is refused', () => {
  const problem = ({ text }: RawAnswer) => Problem.parse(JSON.parse(text));

  test.each([
    ['for a path that is none', '/api/v1/nothing', {}, 404, 'NOT_FOUND'],
    ['for a page outside of the API', '/', {}, 404, 'NOT_FOUND'],
    ['with another method', '/api/v1/status', { method: 'DELETE' }, 404, 'NOT_FOUND'],
    ['with a path that cannot be decoded', '/api/v1/agents/%zz', {}, 400, 'BAD_REQUEST'],
    ['with JSON that is none', '/api/v1/challenges', { method: 'POST', headers: json, body: '{' }, 400, 'BAD_REQUEST'],
    ['without the body that is wanted', '/api/v1/challenges', { method: 'POST' }, 400, 'BAD_REQUEST'],
    ['with an empty body', '/api/v1/challenges', { method: 'POST', headers: json, body: '' }, 400, 'BAD_REQUEST'],
    [
      'with a prototype in its body',
      '/api/v1/challenges',
      { method: 'POST', headers: json, body: '{"__proto__": {}}' },
      400,
      'BAD_REQUEST',
    ],
    [
      'with a body of another type',
      '/api/v1/challenges',
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' },
      415,
      'UNSUPPORTED_TYPE',
    ],
    [
      'with a body that is too large',
      '/api/v1/challenges',
      { method: 'POST', headers: json, body: JSON.stringify({ fingerprint: 'x'.repeat(5_000) }) },
      413,
      'TOO_LARGE',
    ],
    [
      'with a number where a text belongs',
      '/api/v1/challenges',
      { method: 'POST', headers: json, body: '{"fingerprint": 1}' },
      400,
      'BAD_REQUEST',
    ],
  ])('%s', async (_, path, init, status, code) => {
    const answer = await api.raw(path, init);

    expect(answer).toMatchObject({ status, type: 'application/problem+json' });
    expect(problem(answer)).toMatchObject({ status, code, detail: expect.stringMatching(/./) });
  });

  test.each([
    '/../../../../etc/passwd',
    '/api/v1/../../etc/passwd',
    '/api/v1/%2e%2e/%2e%2e/etc/passwd',
    '/api/v1/agents/..%2f..%2fetc%2fpasswd',
    '/api/v1//etc/passwd',
    '/api/v1/macros/..%5c..%5cwindows',
  ])('for a path that leads out: %s', async (path) => {
    const answer = await rawPath(path, 'GET');
    expectSense(answer);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toContain('root:');
  });

  test('with an envelope over its limit before all of it is read, and by who is not logged in before any of it is', async () => {
    const body = JSON.stringify({ payload: 'x'.repeat(7 * 1024 * 1024) });
    const logged = await api.raw(`/api/v1${createAction.path}`, {
      method: 'POST',
      headers: { ...json, ...bearer() },
      body,
    });

    expect(problem(logged)).toMatchObject({ status: 413, code: 'TOO_LARGE' });
    const head = `POST /api/v1/actions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 6000000\r\n\r\n`;
    expect(await onConnection(head, /"code":"NOT_AUTHENTICATED"/)).toContain('HTTP/1.1 401 ');
  });

  test.each([
    ['/api/v1/agents?name=a%00b', 'query: expected text, got one with NUL'],
    ['/api/v1/actions?id=%00', 'query: expected text, got one with NUL'],
    ['/api/v1/actions?after=x', 'query: after: expected the next of a page before'],
    ['/api/v1/agents?limit=1001', 'query: limit: '],
    ['/api/v1/agents?name=a&name=b', 'query: name: '],
  ])('with a query that no database could answer: %s', async (path, detail) => {
    const answer = await api.raw(path, { headers: bearer() });

    expect(answer.status).toBe(400);
    expect(problem(answer).detail).toContain(detail);
  });

  test('when it does not come in time', async () => {
    const hasty = await startTestApi({ database: api.database, options: { requestTimeoutMs: 200 } });
    const text = await onConnection(
      'POST /api/v1/challenges HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{',
      undefined,
      hasty,
    );
    await hasty.close();

    expect(text).toContain('HTTP/1.1 408 ');
    expect(text).toContain('"code":"TIMEOUT"');
  });

  test('when the database is away, until it is back', async () => {
    const broken = await startTestApi();
    await broken.database.close();
    const answer = await broken.raw('/api/v1/agents', { headers: { authorization: `Bearer ${'x'.repeat(43)}` } });
    const status = await broken.raw('/api/v1/status');
    await broken.close().catch(() => {});

    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(problem(answer).detail).not.toContain('PGlite');
    expect(JSON.parse(status.text)).toMatchObject({ ready: false });
  });
});

describe('a flood', () => {
  test('of logins is stopped, and of other requests later; each is told when to come again', async () => {
    const small = await startTestApi({
      database: api.database,
      setting: { limits: { requestsperminute: 20, loginsperminute: 5 } },
    });
    const dana = await small.add('Small', ['read']);
    const ask = () =>
      small.raw('/api/v1/challenges', {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ fingerprint: dana.key.fingerprint }),
      });
    const logins = await Promise.all(Array.from({ length: 8 }, ask));
    const others = await Promise.all(Array.from({ length: 25 }, () => small.raw('/api/v1/agents')));
    const lost = await Promise.all(Array.from({ length: 3 }, () => small.raw('/nowhere')));
    const local = await Promise.all(Array.from({ length: 30 }, () => small.rawLocal('/api/v1/agents')));
    await small.close();

    expect(count(logins)).toEqual({ 201: 5, 429: 3 });
    expect(count(others)).toEqual({ 401: 20, 429: 5 });
    expect(count(lost)).toEqual({ 429: 3 });
    expect(count(local)).toEqual({ 200: 30 });
    const last = logins.find(({ status }) => status === 429)!;
    expect(problem(last)).toMatchObject({ code: 'TOO_MANY_REQUESTS', status: 429 });
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
  });

  test('from one address leaves the others alone', async () => {
    const small = await startTestApi({
      options: { host: '0.0.0.0' },
      setting: { limits: { requestsperminute: 20, loginsperminute: 5 } },
    });
    const from = (localAddress: string) =>
      onConnection(
        'POST /api/v1/challenges HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
        undefined,
        small,
        localAddress,
      );
    const flood = await Promise.all(Array.from({ length: 8 }, () => from('127.0.0.2')));
    const other = await from('127.0.0.3');
    await small.close();

    expect(flood.filter((text) => text.startsWith('HTTP/1.1 429'))).toHaveLength(3);
    expect(other).toMatch(/^HTTP\/1.1 400/);
  });

  const problem = ({ text }: RawAnswer) => Problem.parse(JSON.parse(text));
  const count = (answers: readonly RawAnswer[]) => {
    const counts: Record<number, number> = {};
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  };
});

/** Asks for `path` as it is, with nothing resolved on the way. */
async function rawPath(path: string, method: string): Promise<RawAnswer> {
  const text = await onConnection(
    `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nAccept: application/json\r\nConnection: close\r\n\r\n`,
    /^event: |^: mig/m,
  );
  const [head = '', ...body] = text.split('\r\n\r\n');
  const status = Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1]);
  const type = /^content-type: ([^;\r]+)/im.exec(head)?.[1] ?? '';
  return { status, type, headers: {}, text: body.join('\r\n\r\n') };
}

/** Writes `bytes` and gives what comes back until the server closes, or `enough` is in it. */
function onConnection(bytes: string, enough?: RegExp, of = api, localAddress?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(of.url);
    const socket = connect(
      {
        host: '127.0.0.1',
        port: Number(port),
        ca: of.authority.cert,
        ...(localAddress === undefined ? {} : { localAddress }),
      },
      () => socket.write(bytes),
    );
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (enough?.test(text)) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}
