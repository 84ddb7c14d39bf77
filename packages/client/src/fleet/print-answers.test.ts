import { createUuid } from '@mig/action';
import type { CommandItem } from '@mig/api';
import { describe, expect, test } from 'vitest';
import type { Show } from '../commands/module-words.ts';
import { shellHints } from './hints.ts';
import { printAnswers } from './print-answers.ts';

const time = '2026-01-02T03:04:05.000Z';
const weak = { operation: 0, code: 'ACL_WEIGHT_TOO_LOW', message: 'signatures weigh 1' };

function commandOf(name: string, given: Partial<CommandItem>): CommandItem {
  const ids = { id: createUuid(), actionid: createUuid(), agentid: createUuid() };
  const agent = { agentname: name, agentstatus: 'online', lastseen: time, change: 1 };
  const times = { starttime: time, finishtime: time };
  return { ...ids, ...agent, ...times, status: 'success', results: null, refusals: [], ...given };
}

function failed(name: string, refusal = weak): CommandItem {
  const result = { foundanything: false, success: false, elements: null, statistics: null, errors: [refusal.message] };
  return commandOf(name, { status: 'failed', refusals: [refusal], results: [result] });
}

function printed(commands: readonly CommandItem[], show: Show = 'found'): { lines: string[]; remarks: string[] } {
  const lines: string[] = [];
  const remarks: string[] = [];
  const terminal = {
    print: (line: string) => void lines.push(line),
    remark: (line: string) => void remarks.push(line),
    complain: () => {},
    progress: () => {},
  };
  const answers = printAnswers({ id: 'ID', operations: [{ module: 'memory' }], show, terminal, hints: shellHints });
  for (const command of commands) answers.add(command);
  answers.end();
  return { lines, remarks };
}

test('says once that an operation was refused, and what can be done about it', () => {
  expect(printed([failed('web1')])).toEqual({
    lines: ['web1 refused: memory: signatures weigh 1'],
    remarks: ['Have another investigator of that permission sign the action as well.'],
  });
});

test('names the first of many agents that failed alike, and counts the others', () => {
  const fleet = Array.from({ length: 10_000 }, (_, i) => failed(`web${i}`));
  const other = failed('db1', { operation: 0, code: 'OTHER', message: 'disk full' });
  const { lines, remarks } = printed([...fleet, other]);

  expect(lines).toEqual([
    ...[0, 1, 2, 3, 4].map((i) => `web${i} refused: memory: signatures weigh 1`),
    'db1 refused: memory: disk full',
  ]);
  expect(remarks).toEqual([
    'and 9995 more agents refused: memory: signatures weigh 1',
    'mig results ID -show all prints each of them',
    'Have another investigator of that permission sign the action as well.',
  ]);
  expect(printed(fleet, 'all').lines).toHaveLength(10_000);
});

test('prints the findings of every agent, however many are alike', () => {
  const result = { foundanything: true, success: true, elements: null, statistics: null, errors: null };
  const commands = Array.from({ length: 30 }, (_, i) => commandOf(`web${i}`, { results: [result] }));

  expect(printed(commands)).toEqual({ lines: commands.map(({ agentname }) => `${agentname} found`), remarks: [] });
});

test('says of a command that was cancelled or expired that it was, and by whom', () => {
  const told = (status: 'cancelled' | 'expired', message: string) =>
    commandOf('web1', { status, refusals: [{ operation: null, code: status.toUpperCase(), message }] });

  const both = [told('cancelled', 'by Dana: wrong target'), told('expired', 'too late')];
  const lines = ['web1 cancelled: by Dana: wrong target', 'web1 expired: too late'];
  expect(printed(both, 'all').lines).toEqual(lines);
  // Who has not answered is listed below the answers.
  expect(printed(both).lines).toEqual(lines.slice(0, 1));
});

describe('what agents could not look at', () => {
  const saw = (name: string, errors: string[], foundanything = false) =>
    commandOf(name, { results: [{ foundanything, success: true, elements: null, statistics: null, errors }] });

  test('is told below answers that do not say it: the most frequent first, and how many agents', () => {
    const missing = '/user/bin: ENOENT: no such file or directory';
    const fleet = [saw('db1', ['/a: EACCES']), ...Array.from({ length: 9 }, (_, i) => saw(`web${i}`, [missing]))];

    expect(printed([...fleet, saw('ok1', []), saw('db2', [missing, '/b: EIO', '/c: EIO'], true)])).toEqual({
      lines: ['db2 found'],
      remarks: [
        '11 agents could not look at everything:',
        `  ${missing} (10 agents)`,
        '  /a: EACCES',
        '  /b: EIO',
        '  and 1 more: mig results ID -show all prints all',
      ],
    });
  });

  test('is told once, where the answers say it', () => {
    const both = [saw('web1', ['/a: EIO']), saw('web2', ['/b: EIO'], true)];

    expect(printed(both, 'all').remarks).toEqual([]);
    expect(printed(both).remarks.at(-1)).toBe('  mig results ID -show all says which');
    expect(printed(both, 'notfound').remarks).toEqual(['1 agent could not look at everything:', '  /b: EIO']);
    expect(printed([failed('web1')]).remarks).not.toContain('1 agent could not look at everything:');
  });

  test('stays bounded, whatever agents say', () => {
    const fleet = Array.from({ length: 30 }, (_, i) =>
      saw(
        `web${i}`,
        Array.from({ length: 400 }, (_, j) => `${i}/${j}`),
      ),
    );

    expect(printed(fleet).remarks.at(-1)).toBe('  and 11997 more: mig results ID -show all prints all');
  });
});
