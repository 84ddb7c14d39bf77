/** `npm run bench -- scribe`: a document of 5,000 package tests, as a whole process and inside one. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { runModule } from '@mig/module/host';
import { scribe } from '../packages/modules/src/scribe/scribe.ts';
import { median, rounds } from './rounds.ts';

const names = execFileSync('dpkg-query', ['-W', '-f', '${Package}\n'], { encoding: 'utf8' }).trim().split('\n');
const objects = Array.from({ length: 5000 }, (_, i) => ({
  object: `o${i}`,
  package: { name: names[i] ?? `absent-${i}` },
}));
const tests = objects.map(({ object }, i) => ({
  test: `t${i}`,
  object,
  evr: { operation: '<', value: `${i % 9}.1-2` },
}));
const parameters = { scribedoc: { objects, tests } };

const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
const script = join(import.meta.dirname, '../packages/agent/dist/mig-agent.cjs');
const message = `${JSON.stringify({ class: 'parameters', parameters })}\n`;

const inside = await medianOf(async () => void (await runModule(scribe, parameters)));
const whole = await medianOf(async () => {
  execFileSync(process.execPath, [script, '-m', 'scribe'], { input: message, env, maxBuffer: 1 << 28 });
});
process.stdout.write(
  `5,000 package tests, ${names.length} packages: ${whole.toFixed(0)} ms as a process, ${inside.toFixed(0)} ms inside one\n`,
);

async function medianOf(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = rounds(5); i > 0; i--) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return median(times);
}
