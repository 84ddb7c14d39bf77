import { execFileSync } from 'node:child_process';
import { printResults } from '@mig/module';
import { describeContract, run } from '@mig/module/testing';
import { describe, expect, test } from 'vitest';
import { example } from './example.ts';

describeContract(example);

describe('example', () => {
  test('returns the hostname that hostname(1) prints, and nothing else', async () => {
    const result = await run(example, { gethostname: true });
    const hostname = execFileSync('hostname', { encoding: 'utf8' }).trim();
    expect(result).toEqual({
      foundanything: true,
      success: true,
      elements: { hostname },
      statistics: { stufffound: 1 },
      errors: null,
    });
  });

  test('returns the addresses that ip(8) lists, loopback left out', async () => {
    const result = await run(example, { getaddresses: true });
    const links = JSON.parse(execFileSync('ip', ['-json', 'address', 'show', 'up'], { encoding: 'utf8' })) as {
      ifname: string;
      addr_info?: { local: string; prefixlen: number }[];
    }[];
    const expected = links
      .filter(({ ifname }) => ifname !== 'lo')
      .flatMap(({ addr_info = [] }) => addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`))
      .sort();
    expect(result.elements).toEqual({ addresses: expected });
    expect(result.foundanything).toBe(expected.length > 0);
  });

  test('reports a name that does not resolve as a soft failure and goes on', async () => {
    const result = await run(example, { lookuphost: ['no-such-host.invalid', 'localhost'] });
    expect(result.success).toBe(true);
    expect(Object.keys((result.elements as { lookeduphost: object }).lookeduphost)).toEqual([
      'no-such-host.invalid',
      'localhost',
    ]);
    expect(result.errors).toHaveLength(1);
    expect(result.errors![0]).toMatch(/look-up of no-such-host\.invalid failed/);
  });

  test('refuses what is not a domain name, by parameter, value and expectation', async () => {
    const result = await run(example, { lookuphost: ['localhost', 'no spaces'] });
    expect(result.errors).toEqual([
      "parameter 'lookuphost[1]': expected a fully qualified domain name, got 'no spaces'",
    ]);
  });

  test('prints a line for each thing found, and errors and statistics unless only matches are asked for', async () => {
    const result = {
      foundanything: true,
      success: true,
      elements: { hostname: 'web1', lookeduphost: { localhost: ['127.0.0.1'] } },
      statistics: { stufffound: 2 },
      errors: ['look-up of x.invalid failed: ENOTFOUND'],
    };
    const found = ['hostname is web1', 'lookedup host localhost has IP 127.0.0.1'];
    expect(printResults(example, result, true)).toEqual(found);
    expect(printResults(example, result)).toEqual([
      ...found,
      'error: look-up of x.invalid failed: ENOTFOUND',
      'stat: 2 stuff found',
    ]);
  });
});
