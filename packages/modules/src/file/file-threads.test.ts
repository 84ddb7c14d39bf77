import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '@mig/module';
import { run } from '@mig/module/testing';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Elements, file } from './file.ts';

const folder = mkdtempSync(join(tmpdir(), 'mig-file-threads-'));
const threadScript = join(folder, 'module-thread.cjs');
const root = join(folder, 'tree');

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, '../thread-entries.ts')],
    outfile: threadScript,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    conditions: ['mig-source'],
    external: ['@litko/yara-x'],
    logLevel: 'error',
  });
  // Large enough that a second thread is started and gets its share: files to read, one large directory, bytes for names.
  for (let directory = 0; directory < 40; directory++) {
    mkdirSync(join(root, `d${directory}`), { recursive: true });
    for (let number = 0; number < 50; number++) {
      writeFileSync(
        join(root, `d${directory}`, `f${number}`),
        `${'line\n'.repeat(2000)}number ${directory * number}\n`,
      );
    }
  }
  mkdirSync(join(root, 'large'));
  for (let number = 0; number < 3000; number++) writeFileSync(join(root, 'large', `f${number}`), `number ${number}\n`);
  const bytes = Buffer.concat([Buffer.from(join(root, 'large', 'byte')), Buffer.from([0xff])]);
  writeFileSync(bytes, 'number 7\n');
  execFileSync('mkfifo', [join(root, 'fifo')]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const searches = {
  content: { paths: [root], contents: ['^number [0-9]*7$'], options: { matchall: true } },
  each: { paths: [root, join(root, 'large')], names: ['9$'], sizes: ['<9'], contents: ['number 5', '!line'] },
  hash: {
    paths: [root],
    sha2: ['0'.repeat(64)],
    sha1: ['1'.repeat(40)],
    options: { mismatch: ['sha1'], matchlimit: 100 },
  },
  shallow: { paths: [root], modes: ['^[dp]'], options: { matchall: true, maxdepth: 1 } },
  lost: { paths: [join(root, 'gone')], names: ['x'] },
};

/** The result without what differs from run to run. */
function lasting({ statistics, ...rest }: Result): unknown {
  return { ...rest, statistics: { ...(statistics as object), exectime: '' } };
}

test('two threads find what one finds, byte for byte', async () => {
  const alone = await run(file, { searches });
  const together = await run(file, { searches }, { threadScript });
  expect((alone.elements as Elements)['content']!.length).toBeGreaterThan(300);
  expect(JSON.stringify(lasting(together))).toBe(JSON.stringify(lasting(alone)));
});

test('a thread that cannot start is a failure with its reason, not a hang', async () => {
  const broken = join(folder, 'broken.cjs');
  writeFileSync(broken, 'throw new Error("it broke")');
  const result = await run(file, { searches }, { threadScript: broken });
  expect([result.success, result.errors]).toEqual([false, ['it broke']]);
});
