import { execFileSync } from 'node:child_process';
import { enhancePrivacy, printResults } from '@mig/module';
import { describeContract, run, runFlags } from '@mig/module/testing';
import { describe, expect, test } from 'vitest';
import { type Elements, memory, type Statistics } from './memory.ts';
import { withHolder } from './testing/memory-holder.ts';

describeContract(memory);

describe('memory', () => {
  test('returns the processes whose executable matches, as their links in /proc say, by pid', async () => {
    await withHolder([], (one) =>
      withHolder([], async (other) => {
        const result = await runFlags(memory, ['-name', `^${one.executable}$`]);
        const found = (result.elements as Elements)['s1']!;
        const pids = found.map(({ process }) => process.pid);
        expect(pids).toEqual(expect.arrayContaining([one.pid, other.pid]));
        expect(pids).toEqual([...pids].sort((a, b) => a - b));
        for (const { process } of found) expect(process.name).toBe(one.executable);
        const link = execFileSync('readlink', [`/proc/${other.pid}/exe`], { encoding: 'utf8' });
        expect(link.trim()).toBe(one.executable);
        expect((result.statistics as Statistics).memoryread).toBe(0);
      }),
    );
  });

  test('returns the processes that map a library, as grep finds it in their maps', async () => {
    await withHolder([], async (holder) => {
      const result = await runFlags(memory, ['-name', `^${holder.executable}$`, '-lib', '/libc\\.so\\.6$']);
      const found = (result.elements as Elements)['s1']!.some(({ process }) => process.pid === holder.pid);
      expect(found).toBe(true);
      execFileSync('grep', ['-q', '/libc\\.so\\.6$', `/proc/${holder.pid}/maps`]);
      const none = await runFlags(memory, ['-name', `^${holder.executable}$`, '-lib', '/libnosuch\\.so$']);
      expect(none.elements).toEqual({ s1: [] });
      expect(none.foundanything).toBe(false);
    });
  });

  test('answers each search under its label, also those that found nothing', async () => {
    const result = await run(memory, { searches: { b: { names: ['^/no/such'] }, a: { libraries: ['^/no/such'] } } });
    expect(result.elements).toEqual({ b: [], a: [] });
  });

  test('refuses wrong parameters by name, value and expectation', async () => {
    const refusals: readonly (readonly [unknown, RegExp])[] = [
      [{}, /^parameter 'searches': expected an object, got nothing/],
      [{ searches: {} }, /^parameter 'searches': expected at least one search, got \{\}/],
      [{ searches: { 'a b': { names: ['x'] } } }, /expected 1 to 64 letters, digits, _ or -/],
      [
        { searches: { a: {} } },
        /^parameter 'searches\.a': expected at least one of names, libraries, contents and bytes/,
      ],
      [
        { searches: { a: { names: ['(x'] } } },
        /^parameter 'searches\.a\.names\[0\]': expected a regular expression in RE2 syntax: .*position.*got '\(x'/,
      ],
      [{ searches: { a: { contents: ['(?=x)'] } } }, /RE2 syntax/],
      [
        { searches: { a: { bytes: ['abc'] } } },
        /^parameter 'searches\.a\.bytes\[0\]': expected whole bytes in hexadecimal.* got 'abc'/,
      ],
      [{ searches: { a: { bytes: ['0xff'] } } }, /hexadecimal/],
      [{ searches: { a: { bytes: [''] } } }, /hexadecimal/],
      [{ searches: { a: { names: ['x'], options: { offset: -1 } } } }, /options\.offset': expected at least 0, got -1/],
      [{ searches: { a: { names: ['x'], colour: 1 } } }, /unknown key 'colour'/],
    ];
    for (const [parameters, expected] of refusals) {
      const result = await run(memory, parameters);
      expect(result.success).toBe(false);
      expect(result.errors![0]).toMatch(expected);
    }
  });

  test('prints a line for each process, with the filter that matched where filters stand alone', () => {
    const options = { offset: 0, maxlength: 0, logfailures: true, matchall: false };
    const search = { names: [], libraries: [], contents: ['beacon'], bytes: [], options };
    const result = {
      foundanything: true,
      success: true,
      elements: {
        s1: [
          { process: { name: '/usr/sbin/nginx', pid: 7 }, search },
          {
            process: { name: '/usr/sbin/nginx', pid: 8 },
            search: { ...search, options: { ...options, matchall: true } },
          },
        ],
      },
      statistics: {
        processcount: 2,
        memoryread: 4096,
        totalhits: 2,
        failures: ['pid 7: 4096 bytes at 0x1000: EIO'],
        exectime: '1ms',
      },
      errors: null,
    };
    expect(printResults(memory, result)).toEqual([
      "/usr/sbin/nginx [pid:7] matching content 'beacon' in search 's1'",
      "/usr/sbin/nginx [pid:8] in search 's1'",
      'stat: 2 processes examined, 4096 bytes of memory read, 2 hits, in 1ms',
      'stat: pid 7: 4096 bytes at 0x1000: EIO',
    ]);
  });

  test('masks the executable in privacy mode; the number of processes stays', async () => {
    const result = enhancePrivacy(memory, await runFlags(memory, ['-name', '.']));
    const names = (result.elements as Elements)['s1']!.map(({ process }) => process.name);
    expect(new Set(names)).toEqual(new Set(['masked']));
  });
});
