import { readFileSync } from 'node:fs';
import { ApiError } from '@mig/api';
import { expect, test } from 'vitest';
import { explain } from './explain.ts';

const unreachable = (detail: string, code = 'UNREACHABLE') =>
  new ApiError({ type: 'about:blank', title: code, status: 0, code, detail });

test.each([
  ['https://a:1 cannot be reached: connect ECONNREFUSED', 'UNREACHABLE', /'url' in config.toml .*8443/],
  ['https://a:1 cannot be reached: other side closed', 'UNREACHABLE', /'url' in config.toml/],
  ['https://a:1 cannot be reached: self-signed certificate', 'UNREACHABLE', /'ca' in config.toml/],
  ['GET /actions: a shape that this version does not know', 'MALFORMED', /same version/],
])('says of %j (%s) what the way out is', (detail, code, expected) => {
  expect(explain(unreachable(detail, code))).toEqual([detail, expect.stringMatching(expected)]);
});

test('names the file first when the operating system refuses it', () => {
  try {
    readFileSync('/nonexistent/file');
  } catch (error) {
    expect(explain(error)).toEqual(['/nonexistent/file: no such file or directory']);
  }
  expect.assertions(1);
});
