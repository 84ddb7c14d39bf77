/** The modules memory, sshkey, scribe and yara as processes: with the permissions that they declare, and no others. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostBundleIn, runModuleProcess } from '@mig/module/runner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memory } from '../packages/modules/src/memory/memory.ts';
import { withHolder } from '../packages/modules/src/memory/testing/memory-holder.ts';
import { yara } from '../packages/modules/src/yara/yara.ts';
import { root, run } from './processes.ts';

const host = hostBundleIn(join(root, 'packages/agent/dist'));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-deep-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('memory', () => {
  test('scans a process of 1 GB by pattern and bytes in less than 150 MiB', async () => {
    const needle = Buffer.from('qzxjvkwpgh');
    const pages = 262_144;
    await withHolder([{ pages, touch: true, puts: [[pages * 4096 - needle.length, needle]] }], async (holder) => {
      const search = {
        names: [`^${holder.executable}$`],
        contents: ['\\.\\.qzxj[a-z]+h'],
        bytes: [needle.toString('hex')],
        options: { matchall: true },
      };
      const result = await runModuleProcess(memory, { searches: { s1: search } }, { host, limits: { memoryMb: 150 } });
      const { s1 } = result.elements as { s1: { process: { pid: number } }[] };
      expect(s1.map(({ process }) => process.pid)).toContain(holder.pid);
      expect((result.statistics as { memoryread: number }).memoryread).toBeGreaterThan(2 ** 30);
    });
  });
});

describe('sshkey', () => {
  test('prints the fingerprints that ssh-keygen prints', async () => {
    const path = join(folder, 'id');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
    const sha256 = execFileSync('ssh-keygen', ['-l', '-f', path], { encoding: 'utf8' }).split(' ')[1]!;
    const { stdout, status } = await run('mig', ['sshkey', '-t', 'local', '-path', folder]);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(`${path} [private] encrypted=false md5fp=`);
    for (const line of lines) expect(line).toContain(`sha256fp=${sha256}`);
    expect(status).toBe(0);
  });
});

describe('scribe', () => {
  test('evaluates a document that it is given as a file', async () => {
    const path = join(folder, 'policy.json');
    const objects = [{ object: 'bash', package: { name: 'bash' } }];
    writeFileSync(path, JSON.stringify({ objects, tests: [{ test: 'has bash', object: 'bash' }] }));
    const { stdout, status } = await run('mig', ['scribe', '-t', 'local', '-path', path]);
    expect(stdout).toContain('master [true] name:"has bash" id:"has bash" hastrue:true error:""');
    expect(status).toBe(0);
    writeFileSync(path, JSON.stringify({ objects, tests: [{ test: 't', object: 'zsh' }] }));
    const refused = await run('mig', ['scribe', '-t', 'local', '-path', path]);
    expect(refused.stderr).toContain("'scribedoc.tests[0].object': expected the identifier of an object, got 'zsh'");
    expect(refused.status).toBe(2);
  });
});

describe('yara', () => {
  test('scans what the file module finds, and refuses a wrong rule where it is typed', async () => {
    const rules = join(folder, 'rules.yar');
    const found = join(folder, 'found.txt');
    writeFileSync(found, 'here is a beacon\n');
    writeFileSync(rules, 'rule beacon { strings: $a = "beacon" condition: $a }');
    const words = ['yara', '-t', 'local', '-rules', rules, '-files', `-path ${folder} -name '\\.txt$'`];
    const { stdout, status } = await run('mig', words);
    expect(stdout.trim().endsWith(`${found} [beacon]`)).toBe(true);
    expect(status).toBe(0);
    writeFileSync(rules, 'rule beacon {\n  condition: $a\n}');
    const refused = await run('mig', words);
    expect(refused.stderr).toContain('line 2, column 14: unknown pattern `$a`');
    expect(refused.status).toBe(2);
  });

  test('scans with two threads what is worth it, and finds what the yara command finds', async () => {
    const rules = 'rule elf { strings: $a = { 7f 45 4c 46 } $b = "libc.so.6" condition: $a at 0 and $b }';
    writeFileSync(join(folder, 'elf.yar'), rules);
    const printed = execFileSync('yara', ['-w', '-N', join(folder, 'elf.yar'), '/usr/bin'], { encoding: 'utf8' });
    const expected = printed
      .trim()
      .split('\n')
      .map((line) => line.slice('elf '.length));
    const parameters = { yara: rules, filesearch: '-path /usr/bin -maxdepth 1 -name .' };
    const result = await runModuleProcess(yara, parameters, { host });
    const { matches } = result.elements as { matches: { object: string }[] };
    expect(matches.map(({ object }) => object).filter((path) => expected.includes(path))).toEqual(expected.sort());
    expect(matches.length).toBeGreaterThanOrEqual(expected.length);
  });
});
