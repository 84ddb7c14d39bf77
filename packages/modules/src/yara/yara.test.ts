import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printResults } from '@mig/module';
import { describeContract, run, runFlags } from '@mig/module/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Elements, type Statistics, yara } from './yara.ts';

describeContract(yara, { readText: () => 'rule one { strings: $a = "x" condition: $a }' });

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'mig-yara-'));
  write('text', 'The quick brown FOX jumps over the lazy dog. abc123abc123\n');
  write('wide', Buffer.from('hidden beacon here', 'utf16le'));
  write(
    'xored',
    Buffer.from('This program cannot').map((byte) => byte ^ 0x5a),
  );
  write('base64', Buffer.from(`--${'This program cannot'}--`).toString('base64'));
  write('hex', Buffer.from('00deadbeef0102030405cafe00dead11beef9943', 'hex'));
  write('sub/script.php', '<?php eval(base64_decode($_POST["x"])); ?>\n');
  write('empty', '');
  write('nul', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(800), Buffer.from('PE\0\0')]));
  write('random', randomBytes(200_000));
  write('a b\'c"d', 'quick brown');
  symlinkSync('/bin/true', join(root, 'program'));
});
afterAll(() => rmSync(root, { recursive: true }));

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** What the yara command prints: names of rules by path. */
function truth(rules: string): Record<string, string[]> {
  const file = join(tmpdir(), `mig-rules-${process.pid}.yar`);
  writeFileSync(file, rules);
  let printed: string;
  try {
    printed = execFileSync('yara', ['-w', '-r', file, root], { encoding: 'utf8' });
  } catch (cause) {
    throw new Error('this test compares with yara: install the Debian package yara', { cause });
  } finally {
    rmSync(file);
  }
  const found: Record<string, string[]> = {};
  for (const line of printed.trim().split('\n').filter(Boolean)) {
    const [, rule, path] = /^(\S+) (.*)$/.exec(line)!;
    found[path!] = [...(found[path!] ?? []), rule!].sort();
  }
  return found;
}

async function scan(rules: string, filesearch = `-path ${root} -name .`) {
  const result = await run(yara, { yara: rules, filesearch });
  const { matches } = (result.elements ?? { matches: [] }) as Elements;
  return { result, found: Object.fromEntries(matches.map(({ object, matchedrules }) => [object, matchedrules])) };
}

describe('the rules mean what they mean to the yara command', () => {
  const md5 = createHash('md5').update('quick brown').digest('hex');
  const ruleSets: Record<string, string> = {
    'hex strings with wildcards, jumps and alternatives': `
      rule plain { strings: $a = { DE AD BE EF } condition: $a }
      rule wild { strings: $a = { D? ?D ?? EF } condition: $a }
      rule jump { strings: $a = { DE AD [1-3] EF } condition: $a }
      rule far { strings: $a = { 00 DE [4-16] 99 } condition: $a }
      rule open { strings: $a = { 01 02 [2-] 43 } condition: $a }
      rule either { strings: $a = { DE AD ( 11 | 22 33 ) BE } condition: $a }
      rule neither { strings: $a = { DE AD ( 12 | 22 33 ) BE } condition: $a }`,
    'text with modifiers': `
      rule exact { strings: $a = "FOX" condition: $a }
      rule lower { strings: $a = "fox" condition: $a }
      rule nocased { strings: $a = "fox" nocase condition: $a }
      rule wider { strings: $a = "beacon" wide condition: $a }
      rule both { strings: $a = "beacon" wide ascii nocase condition: $a }
      rule narrow { strings: $a = "beacon" condition: $a }
      rule whole { strings: $a = "quick" fullword condition: $a }
      rule part { strings: $a = "quic" fullword condition: $a }
      rule xors { strings: $a = "This program cannot" xor(0x01-0xff) condition: $a }
      rule coded { strings: $a = "This program cannot" base64 condition: $a }
      rule escaped { strings: $a = "MZ\\x00\\x00" condition: $a at 0 }`,
    'regular expressions': `
      rule letters { strings: $a = /abc[0-9]{3}/ condition: $a }
      rule insensitive { strings: $a = /the lazy (cat|dog)/i condition: $a }
      rule dots { strings: $a = /MZ.{0,900}PE/s condition: $a }
      rule plain { strings: $a = /MZ.*PE/ condition: $a }
      rule words { strings: $a = /\\bbrown\\b/ condition: $a }
      rule wides { strings: $a = /hid+en/ wide condition: $a }
      rule php { strings: $a = /eval\\s*\\(base64_decode\\(\\$_(GET|POST)/ condition: $a }`,
    'counts, offsets, sizes and loops': `
      rule count { strings: $a = "abc" condition: #a == 2 }
      rule many { strings: $a = "o" condition: #a > 3 and #a in (0..20) >= 1 }
      rule where { strings: $a = "quick" condition: @a[1] == 4 or $a at 0 }
      rule small { condition: filesize < 100 }
      rule large { condition: filesize > 1KB }
      rule head { condition: uint16(0) == 0x5a4d }
      rule each { strings: $a = "abc" condition: for all i in (1..#a) : ( @a[i] > 40 ) and #a > 0 }
      rule some { strings: $a1 = "quick" $a2 = "lazy" $b = "nothing" condition: 2 of ($a*) or all of them }
      rule neither { strings: $a = "quick" $b = "lazy" condition: not any of them }
      rule sum { condition: for any i in (0, 1, 2) : ( uint8(i) == 0x4d ) }`,
    'rules on rules, private and global': `
      private rule hidden { strings: $a = "quick" condition: $a }
      global rule everywhere { condition: filesize < 1MB }
      rule other { strings: $a = "FOX" condition: $a }
      rule uses { condition: hidden and not other }`,
    'modules hash, elf and math': `
      import "hash" import "elf" import "math"
      rule hashed { condition: hash.md5(0, filesize) == "${md5}" }
      rule summed { condition: hash.sha256(0, 4) == hash.sha256(0, 4) and filesize > 4 }
      rule elves { condition: elf.type == elf.ET_DYN and elf.number_of_sections > 5 }
      rule machine { condition: elf.machine == elf.EM_X86_64 or elf.machine == elf.EM_AARCH64 }
      rule random { condition: filesize > 1000 and math.entropy(0, filesize) > 7.5 }`,
  };
  for (const [title, rules] of Object.entries(ruleSets)) {
    test(title, async () => {
      const { found, result } = await scan(rules);
      const expected = truth(rules);
      expect(Object.keys(expected).length).toBeGreaterThan(0);
      expect(found).toEqual(expected);
      expect(result.errors).toBeNull();
    });
  }

  test('on the programs of this machine', async () => {
    const rules = `import "elf"
      rule ssl { strings: $a = "libcrypto.so" condition: $a and elf.type == elf.ET_DYN }
      rule shell { strings: $a = /^#!\\s*\\/bin\\/(ba|da)?sh/ condition: $a at 0 }
      rule usage { strings: $a = "usage:" nocase $b = { 7f 45 4c 46 02 } condition: #a > 3 and $b at 0 }`;
    const file = join(tmpdir(), `mig-programs-${process.pid}.yar`);
    writeFileSync(file, rules);
    const lines = execFileSync('yara', ['-w', file, '/usr/sbin'], { encoding: 'utf8' }).trim().split('\n');
    rmSync(file);
    const { found } = await scan(rules, '-path /usr/sbin -name . -maxdepth 1');
    const told = Object.entries(found).flatMap(([path, names]) => names.map((name) => `${name} ${path}`));
    expect(told.sort()).toEqual(lines.sort());
  });
});

describe('what is refused', () => {
  const wrong: readonly (readonly [string, string, string])[] = [
    [
      'an unknown string',
      'rule a {\n  strings: $x = "abc"\n  condition: $y }',
      'line 3, column 14: unknown pattern `$y`',
    ],
    ['a syntax error', 'rule a {\n  strings $x = "abc"\n  condition: $x }', 'line 2, column 11: syntax error'],
    ['two rules of one name', 'rule a { condition: true }\nrule a { condition: true }', 'line 2, column 6: '],
    ['a wrong regular expression', 'rule a { strings: $x = /a(b/ condition: $x }', 'line 1, column '],
    ['an unknown module', 'import "nosuch"\nrule a { condition: true }', 'line 1, column 1: '],
    [
      'reading files of the endpoint',
      'include "/etc/passwd"\nrule a { condition: true }',
      'line 1, column 1: include statements not allowed',
    ],
  ];
  for (const [title, rules, place] of wrong) {
    test(`${title}, with its line and column`, async () => {
      const result = await run(yara, { yara: rules, filesearch: `-path ${root} -name .` });
      expect(result.success).toBe(false);
      expect(result.errors![0]).toContain(`parameter 'yara': expected rules that compile, got an error at ${place}`);
      expect(result.errors![0]).not.toContain('root:x:0');
    });
  }

  test('parameters that are wrong, by name, value and expectation', async () => {
    const rules = 'rule a { condition: true }';
    const refusals: readonly (readonly [object, RegExp])[] = [
      [{}, /^parameter 'yara': expected a text, got nothing/],
      [{ yara: 'nothing', filesearch: '-path /' }, /^parameter 'yara': expected YARA rules, got 'nothing'/],
      [{ yara: rules }, /^parameter 'filesearch': expected a text, got nothing/],
      [{ yara: rules, filesearch: '' }, /^parameter 'filesearch': expected flags of the file module: .*paths/],
      [
        { yara: rules, filesearch: '-path /etc -nam x' },
        /file has no flag -nam: did you mean -name\?, got '-path \/etc -nam x'/,
      ],
      [{ yara: rules, filesearch: '-path /etc -name (' }, /expected a regular expression/],
      [{ yara: rules, filesearch: "-path '/etc" }, /expected another ' that ends what the first one began/],
    ];
    for (const [parameters, expected] of refusals) {
      const result = await run(yara, parameters);
      expect(result.success).toBe(false);
      expect(result.errors![0]).toMatch(expected);
    }
  });
});

describe('the files to scan', () => {
  const any = 'rule everything { condition: true }';

  test('are those that the file module finds, quoted as in a shell', async () => {
    const paths = async (flags: string) =>
      Object.keys((await scan(any, flags)).found).map((path) => path.slice(root.length + 1));
    expect(await paths(`-path "${root}" -name '^(text|hex)$'`)).toEqual(['hex', 'text']);
    expect(await paths(`-path ${root}/a\\ b\\'c\\"d`)).toEqual(['a b\'c"d']);
    expect(await paths(`-path=${root} -name=\\\\.php$`)).toEqual(['sub/script.php']);
    expect(await paths(`-path ${root} -size >1k -matchany -name ^text$`)).toEqual(['program', 'random', 'text']);
    const limited = await scan(any, `-path ${root} -name . -matchlimit 2`);
    expect([Object.keys(limited.found).length, limited.result.errors]).toEqual([
      2,
      ['11 files were found, 2 are scanned'],
    ]);
  });

  test('may be too large, unreadable or gone: a soft error, and the others are scanned', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mig-yara-odd-'));
    try {
      writeFileSync(join(folder, 'fine'), 'x');
      writeFileSync(join(folder, 'huge'), '');
      truncateSync(join(folder, 'huge'), 10 * 1024 ** 3);
      const { found, result } = await scan(any, `-path ${folder} -path ${folder}/gone -name .`);
      expect(Object.keys(found)).toEqual([join(folder, 'fine')]);
      expect(result.errors).toHaveLength(2);
      expect(result.errors!.join('\n')).toMatch(
        /huge: it has 10737418240 bytes, more than the 268435456 that can be scanned/,
      );
      chmodSync(join(folder, 'fine'), 0o000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('are counted', async () => {
    const { result } = await scan(any, `-path ${root} -name '^(text|wide|empty)$'`);
    const { filescount, bytesscanned, totalhits } = result.statistics as Statistics;
    expect([filescount, bytesscanned, totalhits]).toEqual([3, 58 + 36, 3]);
  });
});

test('prints a line for each file, and masks it in privacy mode', () => {
  const matches = [{ object: '/srv/x.php', matchedrules: ['shell', 'upload'] }];
  const statistics = { filescount: 2, bytesscanned: 10, totalhits: 1, exectime: '1ms' };
  const result = { foundanything: true, success: true, elements: { matches }, statistics, errors: null };
  expect(printResults(yara, result)).toEqual([
    '/srv/x.php [shell,upload]',
    'stat: 2 files and 10 bytes were scanned, 1 files matched, in 1ms',
  ]);
  expect(yara.enhancePrivacy!({ matches })).toEqual({
    matches: [{ object: 'masked', matchedrules: ['shell', 'upload'] }],
  });
});

test('flags name the file of rules', async () => {
  await expect(async () => runFlags(yara, ['-rules', 'x.yar', '-files', '-path /etc'])).rejects.toThrow(
    /cannot read 'x\.yar'/,
  );
});
