/** The names of system calls, compared with what ausearch(8) makes of records that hold every number, and with the kernel's headers. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseRecord } from './parse-record.ts';
import { syscallName } from './syscall-name.ts';

const folder = mkdtempSync(join(tmpdir(), 'mig-audit-calls-'));
afterAll(() => rmSync(folder, { recursive: true }));

const numbers = Array.from({ length: 470 }, (_, number) => number);
const rest =
  'success=yes exit=0 a0=0 a1=0 a2=0 a3=0 items=0 ppid=1 pid=2 auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm="x" exe="/x" key=(null)';

test.each([
  ['c000003e', 'x86_64'],
  ['40000003', 'i386'],
  ['c00000b7', 'aarch64'],
])('of arch %s are those that ausearch -i gives', (arch, name) => {
  const path = join(folder, `${name}.log`);
  const lines = numbers.map(
    (call) => `type=SYSCALL msg=audit(1700000000.001:${call + 1}): arch=${arch} syscall=${call} ${rest}`,
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
  const text = execFileSync('ausearch', ['-if', path, '-i'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const told = [...text.matchAll(/:(\d+)\) : arch=(\S+) syscall=(\S+) /g)].map(([, serial, as, call = '']) => [
    Number(serial) - 1,
    as,
    call.startsWith('unknown-syscall') ? undefined : call,
  ]);
  const found = lines.map((line) => {
    const { serial, fields } = parseRecord(line)!;
    return [serial - 1, fields['ARCH'], fields['SYSCALL']];
  });
  expect(told).toHaveLength(numbers.length);
  expect(found).toEqual(told);
});

/** What audit calls otherwise than the header. */
const otherNames: Readonly<Record<string, string>> = { pread64: 'pread', pwrite64: 'pwrite' };

const header = '/usr/include/x86_64-linux-gnu/asm/unistd_64.h';
test.skipIf(!existsSync(header))(`of x86_64 are those of ${header}`, () => {
  const calls = [...readFileSync(header, 'utf8').matchAll(/^#define __NR_(\w+) (\d+)$/gm)];
  expect(calls.length).toBeGreaterThan(300);
  for (const [, call, number] of calls) {
    expect(syscallName('c000003e', number!)).toEqual({ arch: 'x86_64', call: otherNames[call!] ?? call });
  }
});

test('that auditd has added stay as they are, and what is not known has none', () => {
  const fieldsOf = (body: string) => parseRecord(`type=SYSCALL msg=audit(1700000000.001:7): ${body}`)!.fields;
  expect(fieldsOf('arch=c000003e syscall=59\x1dARCH=x86_64 SYSCALL=its_word')).toMatchObject({ SYSCALL: 'its_word' });
  expect(fieldsOf('arch=c000003e syscall=1073741883')).toEqual({ arch: 'c000003e', syscall: '1073741883' });
  expect(fieldsOf('arch=c0000015 syscall=1')).toEqual({ arch: 'c0000015', syscall: '1' });
  expect(fieldsOf('syscall=1')).toEqual({ syscall: '1' });
  expect(fieldsOf('arch=c000003e syscall=9999')).toEqual({ arch: 'c000003e', syscall: '9999', ARCH: 'x86_64' });
});
