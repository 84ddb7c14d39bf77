/**
 * `npm run bench -- linearity`: patterns that blow up backtracking engines, on one line of n, 2n, 4n and 8n bytes. The
 * ratio is the time of one size over that of half of it: near 2 where time is in proportion to the input.
 */
import { compile, compileSet } from '@mig/regexp';
import { evilPatterns } from '../packages/regexp/src/testing/evil-patterns.ts';

const smallest = 512 * 1024;
const factors = [1, 2, 4, 8];

export function benchLinearity(): void {
  process.stdout.write(`${'ms on n, 2n, 4n, 8n bytes; n = 512 KiB'.padEnd(62)}${'mean ratio  MB/s'.padStart(18)}\n`);
  for (const [pattern, unit] of evilPatterns) {
    const scan = compileSet([pattern]).scan();
    report(`${pattern}  scan`, unit, smallest, (bytes) => {
      scan.reset();
      for (let at = 0; at < bytes.length; ) {
        const room = scan.room();
        const piece = bytes.subarray(at, at + room.length);
        room.set(piece);
        at += piece.length;
        if (scan.advance(piece.length)) break;
      }
      scan.end();
    });
    const regexp = compile(pattern);
    report(`${pattern}  test`, unit, smallest, (bytes) => regexp.test(bytes));
    report(`${pattern}  find`, unit, smallest / 32, (bytes) => regexp.find(bytes));
  }
}

function report(title: string, unit: string, least: number, run: (bytes: Buffer) => unknown): void {
  const times = factors.map((factor) => {
    const bytes = Buffer.alloc(least * factor, unit);
    return Math.min(...[1, 2, 3].map(() => timeMs(() => run(bytes))));
  });
  const ratio = Math.cbrt(times[3]! / times[0]!);
  const rate = (least * 8) / 1000 / times[3]!;
  const shown = times.map((time) => time.toFixed(time < 10 ? 2 : 0).padStart(8)).join('');
  process.stdout.write(
    `${title.padEnd(42)}${shown}${ratio.toFixed(2).padStart(8)}${rate.toFixed(rate < 10 ? 1 : 0).padStart(8)}\n`,
  );
}

function timeMs(run: () => unknown): number {
  const began = performance.now();
  run();
  return performance.now() - began;
}
