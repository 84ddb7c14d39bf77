import { helpLines, printResults } from '@mig/module';
import { describeContract, run, startInstance } from '@mig/module/testing';
import { describe, expect, test } from 'vitest';
import { examplepersist } from './examplepersist.ts';

describeContract(examplepersist);

describe('examplepersist', () => {
  test('returns what it is told, and counts the questions', async () => {
    const instance = await startInstance(examplepersist);
    expect(await instance.ask({ string: 'grüß dich' })).toEqual({
      foundanything: true,
      success: true,
      elements: { string: 'grüß dich' },
      statistics: { asked: 1, ticks: 0 },
      errors: null,
    });
    expect((await instance.ask({ string: '' })).statistics).toEqual({ asked: 2, ticks: 0 });
    expect(await instance.stop()).toBe(0);
  });

  test('logs at each interval, and counts them', async () => {
    const instance = await startInstance(examplepersist, { interval: '10ms' });
    await instance.until(() => instance.logs.length >= 3);
    const { statistics } = await instance.ask({ string: 'x' });
    await instance.stop();
    expect(instance.logs.slice(0, 2)).toEqual([
      'well after 1 intervals, asked 0 times',
      'well after 2 intervals, asked 0 times',
    ]);
    expect((statistics as { ticks: number }).ticks).toBeGreaterThanOrEqual(3);
  });

  test.each(['', '5', 'soon', '-5s', '1ms', '48h', '9999999h'])('refuses the interval %j', async (interval) => {
    const instance = await startInstance(examplepersist, { interval });
    await instance.ended;
    await instance.until(() => instance.logs.length > 0);
    expect(instance.logs).toEqual([
      `configuration of module examplepersist: key 'interval': expected a duration from 10ms to 24h, such as 30s, got '${interval}'`,
    ]);
  });

  test('cannot be asked where it does not run', async () => {
    const result = await run(examplepersist, { string: 'x' });
    expect(result.errors).toEqual([expect.stringMatching(/^module examplepersist stays with the agent/)]);
  });

  test('says in its help that it stays, and what its file may hold', () => {
    const help = helpLines(examplepersist);
    expect(help).toContain(
      'Stays with the agent: it runs, and answers, on endpoints that have a file modules/examplepersist.toml.',
    );
    expect(help.at(-1)).toBe('  interval  How often it logs that it is well. Default "60s".');
  });

  test('prints the text, and its counters', () => {
    const result = {
      foundanything: true,
      success: true,
      elements: { string: 'hello' },
      statistics: { asked: 2, ticks: 7 },
      errors: null,
    };
    expect(printResults(examplepersist, result)).toEqual(['it says hello', 'stat: asked 2 times in 7 intervals']);
  });
});
