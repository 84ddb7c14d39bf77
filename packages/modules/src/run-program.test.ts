import { expect, test } from 'vitest';
import { type ProgramRun, runProgram } from './run-program.ts';

const env = { PATH: '/usr/bin:/bin', GIVEN: 'given' };
const shell = (script: string, run: Partial<ProgramRun> = {}) => runProgram('sh', ['-c', script], { env, ...run });

test('gives what the program prints, in the environment that is given and no other', async () => {
  expect(await shell('echo "$GIVEN"; env | grep -c ^HOME=', { accepted: [1] })).toBe('given\n0\n');
  expect(await shell('echo some; exit 7', { accepted: [1, 7] })).toBe('some\n');
});

test.each<[string, string, Partial<ProgramRun>]>([
  ['echo one >&2; echo " two" >&2; exit 3', 'sh says: one; two', {}],
  ['yes x | head -c 2000 | tr -d "\\n" >&2; exit 1', `sh says: ${'x'.repeat(500)}…`, {}],
  ['exit 3', 'sh ended with status 3', {}],
  ['kill -9 $$', 'sh failed: SIGKILL', {}],
  ['exec sleep 60', 'sh did not end within 20ms', { timeoutMs: 20 }],
  ['yes', 'sh printed more than 1000 bytes', { maxBuffer: 1000 }],
  ['exec sleep 60', 'sh was stopped', { signal: AbortSignal.timeout(20) }],
])('%s is an error: %s', async (script, message, run) => {
  await expect(shell(script, run)).rejects.toThrow(new Error(message));
});

test('a program that is not there is an error that says so', async () => {
  await expect(runProgram('no-such-program', [], { env })).rejects.toThrow(
    new Error('no-such-program is not installed'),
  );
});
