import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withFleetOfOne } from '../packages/agent/src/testing/fleet-of-one.ts';

const root = join(import.meta.dirname, '..');
let folder = '';
let program = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-deb-test-'));
  const words = ['--conditions=mig-source', join(root, 'tools/package-deb.ts'), folder];
  execFileSync(join(root, 'node_modules/.bin/tsx'), words, { cwd: root });
  const [deb] = readdirSync(folder);
  execFileSync('dpkg-deb', ['-x', join(folder, deb!), join(folder, 'installed')]);
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
  const unit = readFileSync(join(folder, 'installed/lib/systemd/system/mig-agent.service'), 'utf8');
  const [, started] = /^ExecStart=(\S+)$/m.exec(unit)!;
  expect(execFileSync(join(folder, 'installed', started!), ['-h'], { encoding: 'utf8' })).toMatch(/^usage: mig-agent/);
  for (const [, path] of unit.matchAll(/file:\/(\S+)/g)) readFileSync(join(folder, 'installed', path!));
});
