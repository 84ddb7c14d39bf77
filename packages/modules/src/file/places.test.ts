import { expect, test } from 'vitest';
import { Places } from './places.ts';
import { joinPath, type RawPath } from './raw-path.ts';

const places = new Places({
  roots: new Set(['/', '/srv/version', '/srv/kept']),
  mounts: new Map([
    ['/proc', 'proc'],
    ['/srv/version', 'proc'],
    ['/srv/share', 'nfs4'],
  ]),
});

const fileIn = (directory: RawPath, name: RawPath) => ({ directory, path: joinPath(directory, name) });

test.each<[string, RawPath, RawPath, boolean]>([
  ['in /proc', '/proc', 'version', true],
  ['deep in it', '/proc/1/net', 'tcp', true],
  ['deep in it, in bytes', Buffer.from('/proc/\xff', 'latin1'), 'tcp', true],
  ['beside it', '/', 'procession', false],
  ['in a directory with a name like it', '/procession', 'file', false],
  ['mounted by itself, and a root', '/srv', 'version', true],
  ['beside that one, a root too', '/srv', 'kept', false],
  ['beside that one, with bytes in its name', '/srv', Buffer.from([0xff]), false],
  ['on a file system of the network', '/srv/share', 'file', false],
])('a file %s is made up by the kernel or not', (_, directory, name, expected) => {
  expect(places.isMadeUp(fileIn(directory, name))).toBe(expected);
});

test('what was asked of one file of a directory is no answer for the next one', () => {
  expect(['version', 'kept', 'version'].map((name) => places.isMadeUp(fileIn('/srv', name)))).toEqual([
    true,
    false,
    true,
  ]);
});
