/** `npm run bench -- NAME … [--quick]`: runs benchmarks by name; without one, all of them. See rounds.ts for --quick. */

/** Each prints its own table. They are loaded when they run: loading one is running it. */
const benchmarks: Readonly<Record<string, () => Promise<unknown>>> = {
  api: () => import('./api.ts'),
  linearity: async () => (await import('./regexp-linearity.ts')).benchLinearity(),
  file: async () => (await import('./file.ts')).benchFile(),
  fleet: async () => (await import('./fleet.ts')).benchFleet(),
  idle: async () => (await import('./idle.ts')).benchIdle(),
  memory: () => import('./memory.ts'),
  question: async () => (await import('./question.ts')).benchQuestion(),
  regexp: async () => (await import('./regexp.ts')).benchRegexp(),
  staying: async () => (await import('./staying.ts')).benchStaying(),
  scribe: () => import('./scribe.ts'),
  yara: () => import('./yara.ts'),
};

const given = process.argv.slice(2).filter((word) => word !== '--quick');
const names = given.length === 0 ? Object.keys(benchmarks) : given;
const unknown = names.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  for (const name of unknown) process.stderr.write(`bench: no benchmark is called '${name}'\n`);
  process.stderr.write(
    `bench: npm run bench -- NAME … [--quick], with names from: ${Object.keys(benchmarks).join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  for (const name of names) await benchmarks[name]!();
}
