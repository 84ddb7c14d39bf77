import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestMessageBytes } from '../contract/messages.ts';
import { stopNotice } from '../contract/result.ts';
import { assertResult } from '../testing/assert-result.ts';
import { sample } from '../testing/sample-module.ts';
import { linesOf } from './lines.ts';
import { runOnce } from './one-shot.ts';
import { runModule } from './run-module.ts';

const message = (parameters: unknown) => `${JSON.stringify({ class: 'parameters', parameters })}\n`;

describe('runModule', () => {
  test('reports soft failures with success', async () => {
    const result = await runModule(sample, { words: ['warn'] });
    expect(result).toEqual({
      foundanything: true,
      success: true,
      elements: { words: ['warn'] },
      statistics: { count: 1 },
      errors: ['a soft failure'],
    });
  });

  test.each([
    ['throw', 'it broke'],
    [
      'leak',
      "module sample answered outside its declared elements: elements: unknown key 'secret', expected only the documented ones",
    ],
    ['longtext', 'module sample answered more than metadata: elements.text: expected at most 4096 bytes of text'],
    ['toomuch', /^the result holds \d+ bytes, more than the 16777216 that may be sent: ask a narrower question$/],
  ])('turns a run that does %s into a failure without stack trace', async (does, error) => {
    const crashes: unknown[] = [];
    const result = await runModule(sample, { does }, { onCrash: (crash) => crashes.push(crash) });
    assertResult(sample, result);
    expect(result.errors![0]).toMatch(error);
  });

  test('runs of one module at the same time do not disturb each other', async () => {
    const stopper = new AbortController();
    const waiting = runModule(sample, { does: 'wait' }, { signal: stopper.signal });
    const answers = await Promise.all(['a', 'b', 'c'].map((word) => runModule(sample, { words: [word] })));
    stopper.abort();
    expect(answers.map(({ elements }) => elements)).toEqual([{ words: ['a'] }, { words: ['b'] }, { words: ['c'] }]);
    expect((await waiting).errors).toEqual([stopNotice]);
  });

  test('whatever the parameters, the result obeys the rules', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.jsonValue(), fc.record({ words: fc.jsonValue(), level: fc.jsonValue() })),
        async (parameters) => {
          assertResult(sample, await runModule(sample, parameters));
        },
      ),
    );
  });
});

describe('runOnce', () => {
  test.each(['wait', 'spin'])('a stop message ends a run that does %s', async (does) => {
    const input = new PassThrough();
    input.write(message({ does }));
    const running = runOnce(sample, input);
    setTimeout(() => input.write('{"class":"ping"}\nnonsense\n{"class":"stop"}\n'), 50);
    expect((await running).errors).toEqual([stopNotice]);
  });

  test('a stop message may come first', async () => {
    expect((await runOnce(sample, Readable.from(['{"class":"stop"}\n']))).errors).toEqual([stopNotice]);
  });

  test('the end of input after the parameters ends nothing', async () => {
    expect((await runOnce(sample, Readable.from([message({ words: ['a'] }).trimEnd()]))).success).toBe(true);
  });

  test.each([
    [['\n'], /^expected one JSON message on a line/],
    [[Buffer.from([0xff, 0xfe, 0x0a])], /^expected one JSON message on a line/],
    [[], /^expected a parameters message on standard input, got the end of input$/],
    [['{"class":"ping"}\n'], /^expected a message of class parameters first, got class ping$/],
  ])('answers %j with what was expected', async (chunks, error) => {
    const result = await runOnce(sample, Readable.from(chunks));
    assertResult(sample, result);
    expect(result.errors![0]).toMatch(error);
  });

  test('refuses a line that never ends', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1 << 20, 0x20);
      })(),
    );
    expect((await runOnce(sample, endless)).errors).toEqual([
      `expected a message of at most ${longestMessageBytes} bytes on one line, got more`,
    ]);
  });
});

test('linesOf gives the same lines however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string()), fc.array(fc.nat(5), { minLength: 1 }), async (texts, cuts) => {
      const bytes = Buffer.from(texts.map((text) => `${text.replaceAll('\n', '')}\n`).join(''));
      const pieces: Buffer[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const length = 1 + cuts[i % cuts.length]!;
        pieces.push(bytes.subarray(at, at + length));
        at += length;
      }
      const lines: string[] = [];
      for await (const line of linesOf(Readable.from(pieces))) lines.push(line);
      expect(lines).toEqual(bytes.toString().split('\n').slice(0, -1));
    }),
  );
});
