/** `npm run fuzz -- NAME [--seconds N] [--seed N]`: tries a part of the project with input at random. */
import { parseArgs } from 'node:util';

export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
}

/** Each ends by itself after the time that it is given, and throws at the first disagreement. */
const fuzzers: Readonly<Record<string, (options: FuzzOptions) => Promise<void>>> = {
  regexp: async (options) => (await import('./fuzz-regexp.ts')).fuzzRegexp(options),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const options = { seconds: Number(values.seconds), seed: Number(values.seed) };
const wrong = positionals.find((name) => !Object.hasOwn(fuzzers, name));
if (positionals.length === 0 || wrong !== undefined || !(options.seconds > 0) || !Number.isInteger(options.seed)) {
  const problem = wrong === undefined ? 'expected a name, --seconds N, --seed N' : `no fuzzer is called '${wrong}'`;
  process.stderr.write(`fuzz: ${problem}; names: ${Object.keys(fuzzers).join(', ')}\n`);
  process.exitCode = 2;
} else {
  for (const name of positionals) await fuzzers[name]!(options);
}
