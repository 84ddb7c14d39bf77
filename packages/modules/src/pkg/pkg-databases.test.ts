import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseApk } from './apk.ts';
import { parseDpkgStatus } from './dpkg.ts';
import { installedPackages } from './installed-packages.ts';
import { parseDesc } from './pacman.ts';
import { parseRpm } from './rpm.ts';
import { parseSnap } from './snap.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mig-pkg-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function read(warn: (message: string) => void = (message) => expect.unreachable(message)) {
  return installedPackages(root, { warn, signal: new AbortController().signal });
}

describe('dpkg', () => {
  const wants = ['unknown', 'install', 'hold', 'deinstall', 'purge'];
  const states = [
    'config-files',
    'half-installed',
    'unpacked',
    'half-configured',
    'triggers-awaited',
    'triggers-pending',
    'installed',
  ];
  const paragraph = fc.record({
    want: fc.constantFrom(...wants),
    flag: fc.constantFrom('ok', 'reinstreq'),
    state: fc.constantFrom(...states),
    version: fc.stringMatching(/^([1-9]:)?[0-9][0-9a-z.+~]{0,8}(-[0-9a-z.+~]{1,4})?$/),
    arch: fc.constantFrom('amd64', 'arm64', 'all'),
    description: fc.array(fc.constantFrom('words', 'Status: install ok installed', 'Version: 9'), { maxLength: 3 }),
  });

  test('packages count as dpkg-query counts them, whatever their states', async () => {
    const entries = fc.sample(paragraph, 300);
    const text = entries.map(
      ({ want, flag, state, version, arch, description }, i) =>
        `Package: name${i}\nStatus: ${want} ${flag} ${state}\nMaintainer: a <a@example.net>\nArchitecture: ${arch}\n` +
        `${arch === 'all' ? '' : 'Multi-Arch: same\n'}Version: ${version}\n` +
        `${state === 'triggers-awaited' ? 'Triggers-Awaited: other\n' : ''}` +
        `${state === 'triggers-pending' ? 'Triggers-Pending: something\n' : ''}` +
        `Description: short\n${description.map((line) => ` ${line}\n .\n`).join('')}\n`,
    );
    write('var/lib/dpkg/status', text.join(''));
    mkdirSync(join(root, 'var/lib/dpkg/info'));
    mkdirSync(join(root, 'var/lib/dpkg/updates'));
    const columns = ['db:Status-Status', 'Package', 'Version', 'Architecture'].map((name) => `\${${name}}`);
    const words = [`--admindir=${join(root, 'var/lib/dpkg')}`, '-W', '-f', `${columns.join('\t')}\n`];
    const lines = execFileSync('dpkg-query', words, { encoding: 'utf8' }).trim().split('\n');
    const expected = lines
      .filter((line) => /^(installed|triggers-)/.test(line))
      .map((line) => line.split('\t').slice(1).join(' '));
    const packages = await read();
    expect(packages.map(({ name, version, arch }) => `${name} ${version} ${arch}`).sort()).toEqual(expected.sort());
    expect(packages.length).toBeGreaterThan(50);
  });

  test('the same package counts once for each of its architectures', async () => {
    const one = (arch: string) =>
      `Package: libc6\nStatus: install ok installed\nArchitecture: ${arch}\nMulti-Arch: same\nVersion: 2.36-9\n\n`;
    write('var/lib/dpkg/status', one('i386') + one('amd64'));
    expect((await read()).map(({ name, arch }) => `${name}:${arch}`)).toEqual(['libc6:amd64', 'libc6:i386']);
  });
});

describe('rpm', () => {
  test('packages are those that rpm was told of, with epoch, release and architecture', async () => {
    const specs = [
      { name: 'mig-probe', epoch: 2, version: '1.0~rc1', release: '3.fc40' },
      { name: 'mig-other', epoch: undefined, version: '2.5^git1', release: '1' },
    ];
    const database = join(root, 'var/lib/rpm');
    for (const { name, epoch, version, release } of specs) {
      const header = `Name: ${name}\n${epoch === undefined ? '' : `Epoch: ${epoch}\n`}Version: ${version}\nRelease: ${release}`;
      write(`${name}.spec`, `${header}\nSummary: s\nLicense: l\nBuildArch: noarch\n%description\nd\n%files\n`);
      const build = ['-bb', '--quiet', '--define', `_topdir ${root}/build`, join(root, `${name}.spec`)];
      execFileSync('rpmbuild', build, { stdio: ['ignore', 'ignore', 'pipe'] });
      const file = join(root, `build/RPMS/noarch/${name}-${version}-${release}.noarch.rpm`);
      execFileSync('rpm', ['--dbpath', database, '-i', '--justdb', '--nodeps', '--noscripts', file], { stdio: 'pipe' });
    }
    expect(await read()).toEqual([
      { name: 'mig-other', version: '2.5^git1-1', type: 'rpm', arch: 'noarch' },
      { name: 'mig-probe', version: '2:1.0~rc1-3.fc40', type: 'rpm', arch: 'noarch' },
    ]);
  });
});

describe('recorded databases', () => {
  test('apk: packages of the database in its new place, with everything else that a paragraph holds', async () => {
    write(
      'usr/lib/apk/db/installed',
      'C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=\nP:alpine-baselayout\nV:3.4.3-r2\nA:x86_64\nS:8911\nI:331776\n' +
        'T:Alpine base dir structure and init scripts\nU:https://git.alpinelinux.org/cgit/aports\nL:GPL-2.0-only\n' +
        'D:alpine-baselayout-data=3.4.3-r2 /bin/sh\np:cmd:mkmntdirs=3.4.3-r2\nF:dev\nF:etc\nR:motd\nZ:Q1=\n\n' +
        'C:Q1=\nP:.build-deps\nV:20240101.000000\nA:noarch\nt:1\n\n',
    );
    expect(await read()).toEqual([
      { name: '.build-deps', version: '20240101.000000', type: 'apk', arch: 'noarch' },
      { name: 'alpine-baselayout', version: '3.4.3-r2', type: 'apk', arch: 'x86_64' },
    ]);
  });

  test('pacman: packages by their desc, whose values may be many', async () => {
    const desc =
      '%NAME%\nlinux\n\n%VERSION%\n1:6.9.7.arch1-1\n\n%BASE%\nlinux\n\n%DESC%\nThe %VERSION% kernel\n\n%ARCH%\nx86_64\n\n' +
      '%DEPENDS%\ncoreutils\ninitramfs\nkmod\n\n';
    write('var/lib/pacman/local/linux-1:6.9.7.arch1-1/desc', desc);
    write('var/lib/pacman/local/broken-1-1/files', '%FILES%\n');
    expect(await read()).toEqual([{ name: 'linux', version: '1:6.9.7.arch1-1', type: 'pacman', arch: 'x86_64' }]);
  });

  test('brew: each version of formulas and casks', async () => {
    for (const path of [
      'usr/local/Cellar/openssl@3/3.3.1',
      'usr/local/Cellar/openssl@3/3.3.2_1',
      'opt/homebrew/Caskroom/firefox/128.0',
      'opt/homebrew/Caskroom/firefox/.metadata',
    ])
      mkdirSync(join(root, path), { recursive: true });
    write('usr/local/Cellar/.keepme', '');
    expect((await read()).map(({ name, version, type }) => `${name} ${version} ${type}`)).toEqual([
      'firefox 128.0 brew',
      'openssl@3 3.3.1 brew',
      'openssl@3 3.3.2_1 brew',
    ]);
  });

  test('snap: the revision in use', async () => {
    const yaml =
      "name: hello\nversion: '2.10'\nsummary: x\narchitectures:\n- amd64\n- i386\napps:\n  a:\n    version: 3\n";
    write('snap/hello/42/meta/snap.yaml', yaml);
    write('snap/hello/41/meta/snap.yaml', yaml.replace('2.10', '2.9'));
    symlinkSync('42', join(root, 'snap/hello/current'));
    write('snap/core/7/meta/snap.yaml', 'name: core\nversion: 16-2.61\narchitectures: [ all ]\ntype: os\n');
    symlinkSync('7', join(root, 'snap/core/current'));
    write('snap/README', 'no snap');
    expect(await read()).toEqual([
      { name: 'core', version: '16-2.61', type: 'snap', arch: 'all' },
      { name: 'hello', version: '2.10', type: 'snap', arch: 'amd64,i386' },
    ]);
  });

  test('no database at all is said, and is not an empty list without a word', async () => {
    const warnings: string[] = [];
    expect(await read((message) => warnings.push(message))).toEqual([]);
    expect(warnings).toEqual([
      `no package database below ${root}: looked for those of dpkg, rpm, apk, pacman, brew, snap`,
    ]);
  });

  test('a database that cannot be read is said, and the others count', async () => {
    mkdirSync(join(root, 'var/lib/dpkg/status'), { recursive: true });
    write('lib/apk/db/installed', 'P:musl\nV:1.2.4-r2\nA:x86_64\n');
    const warnings: string[] = [];
    expect((await read((message) => warnings.push(message))).map(({ name }) => name)).toEqual(['musl']);
    expect(warnings).toEqual([expect.stringMatching(/^EISDIR/)]);
  });
});

test('any text is read as a database, and never throws', () => {
  const text = fc.array(
    fc.constantFrom(
      'Package: a',
      'Version: 1',
      'Status: install ok installed',
      'P:a',
      'V:1',
      '%NAME%',
      '%VERSION%',
      'x',
      '',
      '\t',
      'name: a',
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        text.map((lines) => lines.join('\n')),
      ),
      (input) => {
        const found = [
          ...parseDpkgStatus(input, true),
          ...parseDpkgStatus(input, false),
          ...parseApk(input),
          ...parseRpm(input),
          parseDesc(input),
          parseSnap(input),
        ];
        for (const one of found) if (one !== undefined) expect(one.name).not.toBe('');
      },
    ),
  );
});
