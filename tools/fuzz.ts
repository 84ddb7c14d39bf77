/**
 * `npm run fuzz -- NAME [--seconds N] [--seed N]`: looks for trouble until time is up. Prints how much was tried each
 * ten seconds, and the first disagreement, with what repeats it; exit status 1 then.
 */
import { fuzzModules } from './fuzz-modules.ts';
import { fuzzRegexp } from './fuzz-regexp.ts';

/** Tries one thing; gives how many cases that was. Throws at the first that is wrong. */
export type Fuzzer = (seed: number) => number | Promise<number>;

const fuzzers: Readonly<Record<string, Fuzzer>> = { regexp: fuzzRegexp, modules: fuzzModules };

const [name = '', ...options] = process.argv.slice(2);
const fuzzer = fuzzers[name];
const option = (word: string, otherwise: number) => {
  const at = options.indexOf(word);
  return at < 0 ? otherwise : Number(options[at + 1]);
};
if (fuzzer === undefined) {
  process.stderr.write(`fuzz: expected one of ${Object.keys(fuzzers).join(', ')}, got '${name}'\n`);
  process.exit(2);
}

const seconds = option('--seconds', 60);
let seed = option('--seed', Date.now() % 1_000_000_000);
const started = performance.now();
const elapsed = () => (performance.now() - started) / 1000;
process.stdout.write(`fuzzing ${name} for ${seconds} s from seed ${seed}\n`);
let cases = 0;
for (let said = 0; elapsed() < seconds; seed++) {
  try {
    cases += await fuzzer(seed);
  } catch (error) {
    process.stdout.write(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
  if (elapsed() - said >= 10) {
    said = elapsed();
    process.stdout.write(`${Math.round(said)} s, ${cases} cases\n`);
  }
}
process.stdout.write(`${cases} cases in ${Math.round(elapsed())} s, no disagreement\n`);
