/** How often a benchmark repeats: `--quick` for a look, the environment variable BENCH_ROUNDS for any other number. */

const quickRounds = 3;

/** `usual`, unless the command line or the environment says otherwise. */
export function rounds(usual: number): number {
  const given = Number(process.env['BENCH_ROUNDS'] ?? 0);
  if (given > 0) return given;
  return process.argv.includes('--quick') ? Math.min(usual, quickRounds) : usual;
}

/** The one in the middle; of an even number, the larger of the two there. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
