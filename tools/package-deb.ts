/**
 * `npm run package:deb [-- FOLDER]`: a Debian package of the agent, with the bundles of the build, its service and its
 * documentation. It is put into FOLDER, `dist` by default.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const control = `Package: mig-agent
Version: ${version}
Architecture: all
Maintainer: The MIG project
Depends: nodejs (>= 20.20)
Section: admin
Priority: optional
Description: answers investigators' signed questions about this endpoint
 The agent checks the signatures of every question against the keys that its
 owner put on the endpoint, runs what they allow, and answers with metadata.
 mig-agent journal shows what was asked, by whom, and what was answered.
`;

/** Where each file goes; the start-up snapshot stays behind, and what V8 has compiled: they fit one build of Node only. */
const files: readonly (readonly [from: string, to: string, mode: number])[] = [
  ['packages/agent/bin/mig-agent.cjs', 'usr/lib/mig/bin/mig-agent.cjs', 0o755],
  ['packages/agent/dist/mig-agent.cjs', 'usr/lib/mig/dist/mig-agent.cjs', 0o644],
  ['packages/agent/dist/mig-agent-daemon.cjs', 'usr/lib/mig/dist/mig-agent-daemon.cjs', 0o644],
  ['packages/agent/dist/mig-agent-daemon.js', 'usr/lib/mig/dist/mig-agent-daemon.js', 0o644],
  ['packages/agent/dist/module-thread.cjs', 'usr/lib/mig/dist/module-thread.cjs', 0o644],
  ['packages/agent/dist/module-thread.js', 'usr/lib/mig/dist/module-thread.js', 0o644],
  ['packaging/systemd/mig-agent.service', 'usr/lib/systemd/system/mig-agent.service', 0o644],
  ['docs/agent.md', 'usr/share/doc/mig-agent/agent.md', 0o644],
  ['LICENSE', 'usr/share/doc/mig-agent/copyright', 0o644],
  ['packaging/debian/postinst', 'DEBIAN/postinst', 0o755],
  ['packaging/debian/prerm', 'DEBIAN/prerm', 0o755],
  ['packaging/debian/postrm', 'DEBIAN/postrm', 0o755],
];

const folder = process.argv[2] ?? join(root, 'dist');
const tree = mkdtempSync(join(tmpdir(), 'mig-deb-'));
chmodSync(tree, 0o755);
try {
  for (const [from, to, mode] of files) {
    const target = join(tree, to);
    mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
    copyFileSync(join(root, from), target);
    chmodSync(target, mode);
  }
  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/mig/bin/mig-agent.cjs', join(tree, 'usr/bin/mig-agent'));
  writeFileSync(join(tree, 'DEBIAN/control'), control);
  mkdirSync(folder, { recursive: true });
  const deb = join(folder, `mig-agent_${version}_all.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', tree, deb], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  process.stdout.write(`${deb}\n`);
} finally {
  rmSync(tree, { recursive: true });
}
