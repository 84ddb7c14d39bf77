/** `npm run quickstart`: a first investigation of this machine, as a newcomer would type it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

const investigations = [
  {
    asks: 'Which programs in the system folders run with the rights of root (setuid)?',
    words: ['file', '-t', 'local', '-path', '/usr/bin', '-path', '/usr/sbin', '-mode', '^u'],
  },
  { asks: 'Does a process run whose program was deleted from disk?', words: ['process', '-t', 'local', '-deleted'] },
  {
    asks: 'Is OpenSSL installed here, and which version?',
    words: ['pkg', '-t', 'local', '-name', '^(openssl|libssl.*)$'],
  },
];

for (const { asks, words } of investigations) {
  process.stdout.write(
    `\n${asks}\n$ mig ${words.map((word) => (/^[\w./-]+$/.test(word) ? word : `'${word}'`)).join(' ')}\n`,
  );
  const script = join(root, 'packages/client/bin/mig.cjs');
  const { status } = spawnSync(process.execPath, [script, ...words], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) {
    process.stderr.write(`quickstart: the investigation ended with exit status ${status}\n`);
    process.exit(1);
  }
}
process.stdout.write('\nAsk your own: npx mig help\n');
