/** What changed while fswatch did not run is told when it is started again: all of it, once, and nothing else. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Directory } from './directory.ts';
import { KeptListing } from './kept-listing.ts';
import { Roots } from './roots.ts';
import { isSame, replay, truthOf } from './testing/truth.ts';
import { pause, rescanned, statisticsOf, useTree } from './testing/use-tree.ts';

const place = useTree();
const { shell, start, said } = place;
let state = { directory: '' };
beforeEach(() => {
  state = { directory: join(place.path, '../state') };
});
const listing = () => join(state.directory, 'listing.jsonl');

const before = 'echo one > file; echo two > other; mkdir -p dir/sub empty; echo in > dir/sub/in; ln -s file link';

describe('what changed while fswatch did not run', () => {
  test.each([
    ['nothing', '', []],
    ['a file is created', 'echo x > new', ['created new']],
    ['a file changes', 'echo more >> file', ['changed file size,mtime,sha256']],
    ['a file changes mode', 'chmod 4711 file', ['changed file mode']],
    [
      'content changes, size and time do not',
      'cp -p file was; printf ONE > file; echo >> file; touch -r was file; rm was',
      ['changed file sha256'],
    ],
    ['a file is replaced by its equal', 'cp -p file ../next && mv ../next file', []],
    ['a file is removed', 'rm file', ['removed file']],
    ['a link is turned', 'ln -sfn other link', ['changed link size,mtime,target']],
    ['a directory is filled', 'echo x > empty/in', ['created empty/in']],
    ['a directory comes with content', 'mkdir -p a/b; echo 1 > a/b/1', ['created a', 'created a/b', 'created a/b/1']],
    ['a directory goes', 'rm -r dir', ['removed dir', 'removed dir/sub', 'removed dir/sub/in']],
    [
      'a directory becomes a file',
      'rm -r dir; echo x > dir',
      ['changed dir type,size,mode,mtime', 'removed dir/sub', 'removed dir/sub/in'],
    ],
    [
      'a name is not UTF-8',
      `printf x > "$(printf 'a\\377b')"; rm "$(printf 'r\\377w')"`,
      ['created a\\xffb', 'removed r\\xffw'],
    ],
  ])('is told at the start: %s', async (_, script, expected) => {
    shell(`${before}; echo raw > "$(printf 'r\\377w')"; touch -d 2024-05-05T05:05:05.123456 file other dir/sub/in`);
    await (await start({}, state)).stop();
    shell(script === '' ? ':' : script);
    const second = await start({ rescan: '100ms' }, state);
    await second.until(() => second.alerts.length >= expected.length);
    await rescanned(second);
    expect(said(second)).toEqual([...expected].sort());
    for (const { message, fields } of second.alerts) {
      expect(fields['whileaway']).toBe(true);
      expect(message).toMatch(/, while fswatch was not running$/);
    }
    // What comes now is told as ever, and what was told is not told again.
    shell('echo late > late');
    await second.until(() => second.alerts.length > expected.length);
    expect(second.alerts.at(-1)).toMatchObject({ message: `file created: ${place.path}/late` });
    expect(second.alerts.at(-1)!.fields).not.toHaveProperty('whileaway');
    await second.stop();
    // As if it had run on for a while: what changed last may have changed once more, and is hashed again.
    utimesSync(listing(), new Date(), new Date(Date.now() + 60_000));
    const third = await start({ rescan: '100ms' }, state);
    await rescanned(third);
    expect(said(third)).toEqual([]);
    expect((await statisticsOf(third)).hashedbytes).toBe(0);
    await third.stop();
  });

  test('is told by any beginning of what was kept: each difference from then, and no other', async () => {
    shell(`${before}; for i in $(seq 30); do echo $i > dir/$i; done`);
    const first = await start({}, state);
    const told = truthOf(place.path);
    await first.stop();
    const bytes = readFileSync(listing());
    const churn = join(import.meta.dirname, 'testing', 'churn.py');
    const program = spawn('python3', [churn, place.path, '200', '7'], { stdio: 'inherit' });
    expect(await once(program, 'exit')).toEqual([0, null]);
    const after = truthOf(place.path);
    const whole = await start({ rescan: '100ms' }, state);
    while (!isSame(after, replay(told, whole.alerts))) await pause();
    expect(new Set(whole.alerts.map(({ fields }) => fields['whileaway']))).toEqual(new Set([true]));
    await whole.stop();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), async (length) => {
        writeFileSync(listing(), bytes.subarray(0, length));
        const cut = await start({ rescan: '100ms' }, state);
        await rescanned(cut);
        // What the cut took away is told as created, the rest as what became of it: together, what is there.
        const known = new Map([...told].filter(([path]) => !isTold(cut.alerts, 'created', path)));
        const isNothing = cut.logs.length > 0 && cut.alerts.length === 0;
        if (!isNothing) expect(isSame(after, replay(known, cut.alerts))).toBe(true);
        await cut.stop();
      }),
      { numRuns: 15 },
    );
  });

  test('is told after a crash too, and what was told before it is not told again', async () => {
    shell(`${before}; touch -d 2024-05-05 file other dir/sub/in`);
    const first = await start({}, state);
    shell('echo told >> file; rm other');
    await first.until(() => first.alerts.length === 2);
    // As a crash leaves it: the file as it is at that moment.
    const crashed = { directory: join(place.path, '../crashed') };
    mkdirSync(crashed.directory);
    // Both are noted, in whichever order they were seen.
    const hash = createHash('sha256')
      .update(readFileSync(join(place.path, 'file')))
      .digest('base64');
    const note = (start: string) =>
      readFileSync(listing(), 'utf8')
        .split('\n')
        .findLast((line) => line.startsWith(start));
    await expect.poll(() => [note('["file",')?.includes(hash), note('["other"')]).toEqual([true, '["other"]']);
    copyFileSync(listing(), join(crashed.directory, 'listing.jsonl'));
    await first.stop();
    shell('echo new > new');
    const second = await start({ rescan: '100ms' }, crashed);
    await second.until(() => second.alerts.length > 0);
    await rescanned(second);
    expect(said(second)).toEqual(['created new']);
    await second.stop();
  });

  test('is not told where other paths are watched, nor where nothing was kept, and the log says so', async () => {
    shell(before);
    await (await start({}, state)).stop();
    expect(statSync(listing()).mode & 0o777).toBe(0o600);
    shell('echo x > new');
    const other = await start({ exclude: [join(place.path, 'dir')], rescan: '100ms' }, state);
    await rescanned(other);
    expect(other.logs[0]).toBe('other paths are watched than before: what changed until now is not told');
    await other.stop();
    rmSync(listing());
    const anew = await start({ rescan: '100ms' }, state);
    await rescanned(anew);
    expect([said(other), said(anew)]).toEqual([[], []]);
    expect(anew.logs[0]).toMatch(/^watching/);
    await anew.stop();
    truncateSync(listing(), 3);
    const torn = await start({}, state);
    expect(said(torn)).toEqual([]);
    await torn.stop();
  });
});

test('too many files are not kept, and that is said; nothing old is left that would be told again', async () => {
  shell(`${before}; touch -d 2024-05-05 file other`);
  await (await start({}, state)).stop();
  const logs: string[] = [];
  const roots = new Roots([`recursive:${place.path}`], []);
  const options = { directory: state.directory, roots, log: (text: string) => void logs.push(text), most: 8 };
  const open = async () => {
    const directories = new Map<string, Directory>();
    const kept = await KeptListing.open({ ...options, directories });
    return { kept, directories };
  };
  const { kept, directories } = await open();
  expect([...directories.values()].reduce((sum, { entries }) => sum + entries.size, 0)).toBe(8);
  kept.begin();
  expect(kept.problem).toBe(undefined);
  const directory = directories.get(place.path)!;
  directory.entries.set('ninth', directory.entries.get('file')!);
  kept.begin();
  expect(kept.problem).toMatch(
    /^what is known of 9 files is not kept \(8 at most\): what changes while the module does not/,
  );
  kept.note(directory, 'ninth');
  await kept.close();
  expect(logs).toEqual([kept.problem]);
  expect(readFileSync(listing(), 'utf8')).toBe('');
  const again = await open();
  expect([again.kept.unsettled, again.directories.size]).toEqual([undefined, 0]);
  await again.kept.close();
});

const isTold = (
  alerts: readonly { readonly fields: Readonly<Record<string, unknown>> }[],
  change: string,
  path: string,
) => alerts.some(({ fields }) => fields['change'] === change && fields['path'] === path);
