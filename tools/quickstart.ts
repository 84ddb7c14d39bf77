/**
 * `npm run quickstart`: a platform, an agent, and one signed investigation over the whole way, as a newcomer would type
 * it; in a temporary directory, with everything stopped at the end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const mig = join(import.meta.dirname, '../packages/client/bin/mig.cjs');
const folder = mkdtempSync(join(tmpdir(), 'mig-quickstart-'));
const directories = { XDG_DATA_HOME: join(folder, 'data'), XDG_CONFIG_HOME: join(folder, 'config') };
// npm_command: the texts then say `npx mig`, which works in this folder.
const environment = { ...withoutSettings(process.env), ...directories, npm_command: 'exec' };

const asked = ['file', '-t', 'online', '-y', '-path', '/usr/bin', '-path', '/usr/sbin', '-mode', '^u'];

let platform: ChildProcess | undefined;
try {
  say('In a temporary directory, so that nothing of yours is touched:');
  for (const [name, value] of Object.entries(directories)) say(`$ export ${name}=${value}`);
  say('\nA platform and an agent of this machine:\n$ npx mig up');
  platform = start(['up'], 'pipe');
  await said(platform, 'ctrl-c stops');
  say('\nWho is there?\n$ npx mig agents');
  await done(start(['agents'], 'inherit'));
  say(
    '\nWhich programs in the system folders run with the rights of their owner (setuid)? Signed here, checked by the',
  );
  say(`agent, answered over the platform:\n$ npx mig ${asked.map(quoted).join(' ')}`);
  await done(start(asked, 'inherit'));
  say('\nctrl-c in the first terminal:');
  platform.kill('SIGINT');
  await done(platform);
  say('\nThe same for keeps: npx mig up in one terminal, npx mig help in another.');
} catch (error) {
  process.stderr.write(`quickstart: ${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  if (platform !== undefined && platform.exitCode === null) {
    platform.kill('SIGTERM');
    await new Promise((resolve) => platform!.once('close', resolve));
  }
  rmSync(folder, { recursive: true, force: true });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function start(words: readonly string[], output: 'inherit' | 'pipe'): ChildProcess {
  return spawn(process.execPath, [mig, ...words], { env: environment, stdio: ['ignore', output, 'inherit'] });
}

/** Shows what `child` writes; resolves once a line of it has `text`. Rejects when it ends before. */
function said(child: ChildProcess, text: string): Promise<void> {
  let heard = '';
  return new Promise((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk);
      heard += chunk.toString();
      if (heard.includes(text)) resolve();
    });
    child.once('close', (status) => reject(new Error(`mig up ended with exit status ${status}`)));
  });
}

function done(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      if (status === 0) resolve();
      else reject(new Error(`${child.spawnargs.slice(1).join(' ')} ended with ${signal ?? `exit status ${status}`}`));
    });
  });
}

function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word}'`;
}

function withoutSettings(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !name.startsWith('MIG_')));
}
