import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeContract, run, runFlags } from '@mig/module/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installedPackages } from './installed-packages.ts';
import { type Package, pkg } from './pkg.ts';

describeContract(pkg);

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'mig-pkg-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const reading = { warn: (message: string) => expect.unreachable(message), signal: new AbortController().signal };

describe('pkg', () => {
  test('lists the packages that dpkg-query says are installed, with version and architecture', async () => {
    const result = await runFlags(pkg, ['-name', '.']);
    const format = `\${db:Status-Status}\t\${Package}\t\${Version}\t\${Architecture}\n`;
    const lines = execFileSync('dpkg-query', ['-W', '-f', format], { encoding: 'utf8' }).trim().split('\n');
    const expected = lines.flatMap((line) => {
      const [status, name, version, arch] = line.split('\t');
      return /^(installed|triggers-)/.test(status!) ? [`${name} ${version} ${arch}`] : [];
    });
    const packages = (result.elements as { packages: Package[] }).packages.filter(({ type }) => type === 'dpkg');
    expect(packages.map(({ name, version, arch }) => `${name} ${version} ${arch}`).sort()).toEqual(expected.sort());
  });

  test('matches name and version together', async () => {
    const version = execFileSync('dpkg-query', ['-W', '-f', `\${Version}`, 'bash'], { encoding: 'utf8' });
    const pattern = `^\\Q${version}\\E$`;
    const found = await runFlags(pkg, ['-name', '^bash$', '-version', pattern]);
    expect((found.elements as { packages: Package[] }).packages.map(({ name }) => name)).toEqual(['bash']);
    const other = await runFlags(pkg, ['-name', '^bash$', '-version', '^0$']);
    expect([other.foundanything, other.elements]).toEqual([false, { packages: [] }]);
  });

  test('finds what dpkg itself says is older', async () => {
    const all = await runFlags(pkg, ['-name', '.']);
    const installed = (all.elements as { packages: Package[] }).packages.filter(({ type }) => type === 'dpkg');
    const limits = ['5.2.15-2~', installed[0]!.version];
    for (const limit of limits) {
      const pairs = installed.map(
        ({ version }) => `dpkg --compare-versions '${version}' lt '${limit}' && echo y || echo n`,
      );
      const answers = execFileSync('sh', { input: pairs.join('\n'), encoding: 'utf8' })
        .trim()
        .split('\n');
      const result = await runFlags(pkg, ['-name', '.', '-olderthan', limit]);
      const found = (result.elements as { packages: Package[] }).packages.filter(({ type }) => type === 'dpkg');
      expect(found).toEqual(installed.filter((_, i) => answers[i] === 'y'));
    }
  });

  test('a version that is compared with a pattern is refused, as it would find nothing anywhere', async () => {
    for (const pattern of ['<3.0.15', '<= 3.0.15', '>1:2']) {
      await expect(async () => runFlags(pkg, ['-name', 'x', '-version', pattern])).rejects.toThrow(
        /vermatch.*older packages are found with olderthan '[13]/,
      );
    }
    await expect(async () => runFlags(pkg, ['-name', 'x', '-olderthan', '<3'])).rejects.toThrow(
      /expected a version such as/,
    );
  });

  test('counts only what is installed, not what was removed and left its configuration', async () => {
    write(
      'var/lib/dpkg/status',
      'Package: here\nStatus: install ok installed\nVersion: 1:2.0-1\nArchitecture: amd64\n\n' +
        'Package: gone\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: amd64\n\n' +
        'Package: held\nStatus: hold ok installed\nVersion: 3\nArchitecture: all\nDescription: x\n Version: 9\n\n' +
        'Package: half\nStatus: install ok half-installed\nVersion: 3\nArchitecture: all\n',
    );
    write('lib/apk/db/installed', 'C:Q1x=\nP:musl\nV:1.2.4-r2\nA:x86_64\nF:lib\n\nP:zlib\nV:1.3-r0\nA:x86_64\n\n');
    write('var/lib/pacman/local/bash-5.2-1/desc', '%NAME%\nbash\n\n%VERSION%\n5.2.026-2\n\n%ARCH%\nx86_64\n\n');
    write('var/lib/pacman/local/ALPM_DB_VERSION', '9\n');
    write('opt/homebrew/Cellar/jq/1.7.1/INSTALL_RECEIPT.json', '{}');
    write('var/lib/dpkg/status.d/base', 'Package: base-files\nVersion: 12.4\nArchitecture: amd64\n');
    expect(await installedPackages(root, reading)).toEqual([
      { name: 'base-files', version: '12.4', type: 'dpkg', arch: 'amd64' },
      { name: 'bash', version: '5.2.026-2', type: 'pacman', arch: 'x86_64' },
      { name: 'held', version: '3', type: 'dpkg', arch: 'all' },
      { name: 'here', version: '1:2.0-1', type: 'dpkg', arch: 'amd64' },
      { name: 'jq', version: '1.7.1', type: 'brew', arch: '' },
      { name: 'musl', version: '1.2.4-r2', type: 'apk', arch: 'x86_64' },
      { name: 'zlib', version: '1.3-r0', type: 'apk', arch: 'x86_64' },
    ]);
  });

  test('reports a database of rpm that rpm cannot read, and goes on', async () => {
    write('var/lib/rpm/rpmdb.sqlite', 'no database');
    const warnings: string[] = [];
    const packages = await installedPackages(root, { ...reading, warn: (message) => warnings.push(message) });
    expect(packages.length).toBeGreaterThan(0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^there is an rpm database, and it could not be read: rpm /);
  });

  test('asks for at least one name', async () => {
    const result = await run(pkg, { pkgmatch: { matches: [] } });
    expect(result.errors).toEqual(["parameter 'pkgmatch.matches': expected at least 1 of them, got []"]);
  });
});
