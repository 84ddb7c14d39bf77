import { readFileSync } from 'node:fs';
import { available } from '@mig/modules';
import { expect, test } from 'vitest';
import { readFlags } from './read-flags.ts';

function read(module: string, words: readonly string[]): { parameters: unknown; remarks: string[] } {
  const remarks: string[] = [];
  const readText = (path: string) => readFileSync(path, 'utf8');
  const parameters = readFlags(available.find(module)!, words, readText, (line) => void remarks.push(line));
  return { parameters, remarks };
}

test.each([
  ['file', ['-path', '/etc', '-mtime', '<1w'], /^flag -mtime: expected an age such as '<90d' or '>5h', got '<1w'$/],
  ['file', ['-name', 'x'], /^flag -path: expected <path>, got nothing$/],
  ['pkg', ['-version', '1'], /^flag -name: expected <regexp>, got nothing$/],
  ['pkg', ['-name', 'x', '-version', '<3.0'], /^flag -version: .*older packages are found with olderthan '3\.0'/],
  ['netstat', ['-ci', 'c2.example.net'], /^flag -ci: expected an address or a network/],
  ['process', ['-sha256', 'a'.repeat(64), '-sha256', 'b'.repeat(64)], /^flag -sha256: .*use matchany/],
  ['process', ['-deleted', '-nam', 'x'], /^module process has no flag -nam: did you mean -name\?$/],
  ['file', [], /^file: expected flags such as -path <path>, got none: its help lists them, with examples$/],
])('%s %j is refused in the words of flags', (module, words, message) => {
  expect(() => read(module, words)).toThrow(message);
});

test.each([
  ['process', ['-name', 'bash', '-name', 'sshd'], ['each -name has to match; with -matchany, one filter is enough']],
  [
    'file',
    ['-path', '/a', '-path', '/b', '-name', 'x', '-name', 'y', '-content', 'a', '-content', 'b'],
    ['name', 'content'],
  ],
  ['memory', ['-lib', 'a', '-lib', 'b', '-name', 'x'], ['lib']],
  ['process', ['-name', 'bash', '-name', 'sshd', '-matchany'], []],
  ['process', ['-name', 'bash', '-name', 'sshd', '--matchall'], []],
  ['file', ['-path', '/a', '-path', '/b', '-size', '>1k', '-size', '<9k'], []],
  ['pkg', ['-name', 'a', '-name', 'b'], []],
])('%s %j: several patterns that have to match together are remarked on', (module, words, told) => {
  const { remarks } = read(module, words);
  expect(remarks).toHaveLength(told.length);
  for (const [i, part] of told.entries()) expect(remarks[i]).toContain(part);
});
