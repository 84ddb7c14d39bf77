import { expect, test } from 'vitest';
import { problemOf } from './problems.ts';

const failed = (code: string) => problemOf(Object.assign(new Error('it went wrong'), { code }));

test.each([
  ['a value that PostgreSQL cannot hold', '22008', { status: 400, code: 'BAD_REQUEST' }],
  ['a database that refuses connections', 'ECONNREFUSED', { status: 503, code: 'NOT_READY' }],
  ['a database that shuts down', '57P01', { status: 503, code: 'NOT_READY' }],
  ['a handler that took too long', 'FST_ERR_HANDLER_TIMEOUT', { status: 503, code: 'NOT_READY' }],
])('%s is a problem that can be told', (_, code, expected) => {
  expect(failed(code)).toMatchObject(expected);
});

test.each(['23505', '42P01', 'ERR_ASSERTION'])('%s is a failure of the server, and not told', (code) => {
  expect(failed(code)).toBeUndefined();
});
