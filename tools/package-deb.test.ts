import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withFleetOfOne } from '../packages/agent/src/testing/fleet-of-one.ts';

const root = join(import.meta.dirname, '..');
let folder = '';
let program = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-deb-test-'));
  const words = ['--conditions=mig-source', join(root, 'tools/package-deb.ts'), folder];
  execFileSync(join(root, 'node_modules/.bin/tsx'), words, { cwd: root });
  const [deb] = readdirSync(folder);
  execFileSync('dpkg-deb', ['-R', join(folder, deb!), join(folder, 'installed')]);
  program = join(folder, 'installed/usr/bin/mig-agent');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the agent of the Debian package runs from where it is installed: alone, as a module, as a daemon', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  expect(execFileSync(program, ['-V'], { encoding: 'utf8' })).toBe(`${version}\n`);
  const input = '{"class":"parameters","parameters":{"gethostname":true}}\n';
  const hostname = execFileSync('hostname', { encoding: 'utf8' }).trim();
  const answered = execFileSync(program, ['-m', 'example'], { input, encoding: 'utf8' });
  expect(JSON.parse(answered)).toMatchObject({ elements: { hostname } });
  await withFleetOfOne({ directory: folder, script: program, remove: () => {} }, async (fleet) => {
    fleet.start();
    await fleet.next('hello');
    await fleet.ask([{ module: 'file', parameters: { searches: { s1: { paths: [folder], names: ['^control'] } } } }]);
    expect(await fleet.next('result')).toMatchObject({ status: 'success' });
  });
});

test('its service starts the program that the package brings', () => {
  const unit = readFileSync(join(folder, 'installed/usr/lib/systemd/system/mig-agent.service'), 'utf8');
  const [, started] = /^ExecStart=(\S+)$/m.exec(unit)!;
  expect(execFileSync(join(folder, 'installed', started!), ['-h'], { encoding: 'utf8' })).toMatch(/^usage: mig-agent/);
  for (const [, path] of unit.matchAll(/file:\/(\S+)/g)) readFileSync(join(folder, 'installed', path!));
});

describe('its maintainer scripts', () => {
  /** Runs one as dpkg(1) does for a system in another directory; so none of it touches the service of this machine. */
  const script = (name: string, ...words: string[]) =>
    execFileSync(join(folder, 'installed/DEBIAN', name), words, {
      env: { ...process.env, DPKG_ROOT: installed(), DPKG_MAINTSCRIPT_PACKAGE: 'mig-agent' },
    });
  const installed = (path = '') => join(folder, 'installed', path);
  const link = 'etc/systemd/system/multi-user.target.wants/mig-agent.service';

  test('switch the service on once, and leave alone what its owner changed since', () => {
    script('postinst', 'configure');
    expect(lstatSync(installed(link)).isSymbolicLink()).toBe(true);
    expect(statSync(installed('etc/mig/keys')).mode & 0o777).toBe(0o755);

    chmodSync(installed('etc/mig'), 0o700);
    rmSync(installed(link));
    script('prerm', 'upgrade', '0.2.0');
    script('postinst', 'configure', '0.1.0');
    expect(lstatSync(installed(link), { throwIfNoEntry: false })).toBeUndefined();
    expect(statSync(installed('etc/mig')).mode & 0o777).toBe(0o700);
  });

  test('keep identity and journal until the package is purged, and then nothing', () => {
    mkdirSync(installed('var/lib/mig/journal'), { recursive: true });
    script('prerm', 'remove');
    script('postrm', 'remove');
    expect([existsSync(installed('etc/mig')), existsSync(installed('var/lib/mig/journal'))]).toEqual([true, true]);
    script('postrm', 'purge');
    expect(readdirSync(installed('var/lib')).filter((name) => name.includes('mig'))).toEqual([]);
    expect(existsSync(installed('etc/mig'))).toBe(false);
  });
});

interface MemoryResult {
  readonly elements: { readonly s1: readonly { readonly process: { readonly pid: number } }[] };
}

describe.runIf(process.geteuid?.() === 0)('under the capabilities that its service has', () => {
  /** Runs a module as the service would, and gives its result. */
  function underService(module: string, parameters: object): unknown {
    const unit = readFileSync(join(root, 'packaging/systemd/mig-agent.service'), 'utf8');
    const [, capabilities] = /^CapabilityBoundingSet=(.+)$/m.exec(unit)!;
    const names = capabilities!.split(' ').map((name) => `+${name.replace(/^CAP_/, '').toLowerCase()}`);
    const words = [`--bounding-set=-all,${names.join(',')}`, '--no-new-privs', program, '-m', module];
    const input = `${JSON.stringify({ class: 'parameters', parameters })}\n`;
    return JSON.parse(execFileSync('setpriv', words, { input, encoding: 'utf8' }));
  }

  test('it reads the file of somebody else that nobody may read, and the file keeps its access time', ({ skip }) => {
    const old = new Date('2020-01-01T00:00:00Z');
    const path = join(folder, 'evidence');
    writeFileSync(path, 'a secret\n', { mode: 0o000 });
    chownSync(path, 65_534, 65_534);
    utimesSync(path, old, new Date());
    execFileSync('cat', [path]);
    skip(statSync(path).atimeMs === old.getTime(), 'access times are not kept by this file system');
    utimesSync(path, old, new Date());
    const search = { paths: [path], contents: ['secret'] };
    expect(underService('file', { searches: { s1: search } })).toMatchObject({ foundanything: true, errors: null });
    expect(statSync(path).atime).toEqual(old);
  });

  test('it pings', () => {
    const parameters = { destination: '127.0.0.1', protocol: 'icmp', count: 1 };
    expect(underService('ping', parameters)).toMatchObject({ success: true, elements: { failures: 0 } });
  });

  test('it looks into the memory of a process of somebody else', async () => {
    const words = [
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      'sh',
      '-c',
      'echo ready; read -r line',
      'mark-of-6f1d',
    ];
    const other = spawn('setpriv', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await once(other.stdout, 'data');
      const search = { contents: ['mark-of-6f1d'], names: ['/(da|ba|)sh$'], options: { matchall: true } };
      const { elements } = underService('memory', { searches: { s1: search } }) as MemoryResult;
      expect(elements.s1.map(({ process: { pid } }) => pid)).toContain(other.pid);
    } finally {
      other.kill('SIGKILL');
    }
  });
});
