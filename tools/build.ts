/**
 * `npm run build`: one bundle for each program, the script of module threads, the start-up snapshot of the agent, and
 * the packages that others may use on their own.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { engineFlags } from '@mig/module/runner';
import { agentBundle, buildSnapshot } from './agent-bundle.ts';
import { BuildFailure, type Bundle, keepCompiled, writeBundles } from './bundle.ts';
import { problemsOfModules } from './check-modules.ts';
import { lazyModules } from './lazy-modules.ts';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/** A search that is long enough for a second thread. */
const walk = `${JSON.stringify({
  class: 'parameters',
  parameters: {
    searches: {
      names: { paths: [join(root, 'node_modules')], names: ['\\.nothing$'], options: { matchall: true } },
      contents: {
        paths: [join(root, 'node_modules')],
        names: ['\\.m?js$'],
        sizes: ['<2k'],
        contents: ['nothing[0-9]+x'],
        options: { matchall: true },
      },
    },
  },
})}\n`;

const bundles: readonly Bundle[] = [
  agentBundle([lazyModules]),
  {
    from: 'packages/agent/src/daemon-program.ts',
    to: 'packages/agent/dist/mig-agent-daemon.cjs',
    rehearsal: { program: 'packages/agent/bin/mig-agent.cjs', words: ['status', '--state-dir', 'HOME'] },
  },
  {
    from: 'packages/modules/src/thread-entries.ts',
    to: 'packages/agent/dist/module-thread.cjs',
    rehearsal: { program: 'packages/agent/dist/mig-agent.cjs', words: ['-m', 'file'], flags: engineFlags, input: walk },
  },
  {
    from: 'packages/client/src/entry.ts',
    to: 'packages/client/dist/mig.cjs',
    rehearsal: {
      program: 'packages/client/bin/mig.cjs',
      words: ['file', '-t', 'local', '-path', 'HOME', '-name', 'nothing'],
    },
  },
  {
    from: 'packages/client/src/console-entry.ts',
    to: 'packages/client/dist/mig-console.cjs',
    rehearsal: { program: 'packages/client/bin/mig-console.cjs', words: ['-h'] },
  },
  {
    from: 'packages/server/src/entry.ts',
    to: 'packages/server/dist/mig-server.cjs',
    rehearsal: { program: 'packages/server/bin/mig-server.cjs', words: ['check-config', '--config', 'HOME/none'] },
  },
];

try {
  await checkModules();
  await writeBundles(bundles, version);
  onlyAscii(join(root, 'packages/agent/dist/mig-agent.cjs'));
  buildSnapshot(join(root, 'packages/agent/dist'));
  for (const bundle of bundles) keepCompiled(bundle);
  await buildEmptyDatabase();
  for (const name of ['module', 'regexp']) buildPackage(name);
} catch (error) {
  if (!(error instanceof BuildFailure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** Throws BuildFailure when a module cannot be declared: the programs would end with it, whatever they are asked. */
async function checkModules(): Promise<void> {
  const problems = await problemsOfModules(readFileSync(join(root, 'packages/modules/src/available.ts'), 'utf8'));
  if (problems.length > 0) throw new BuildFailure(problems.join('\n'));
}

/** Throws where a script holds other characters: V8 keeps it with two bytes for each then, and each start takes 3 ms more. */
function onlyAscii(script: string): void {
  const other = /[^\0-\x7f]/.exec(readFileSync(script, 'utf8'));
  if (other === null) return;
  const around = other.input.slice(Math.max(0, other.index - 40), other.index + 40);
  throw new Error(
    `${script}: expected ASCII only, got '${other[0]}' in: ${around}\nIn a regular expression, write \\uNNNN.`,
  );
}

/** Makes the embedded database that a new server begins with; once for each version of PGlite, since it takes seconds. */
async function buildEmptyDatabase(): Promise<void> {
  const main = createRequire(join(root, 'packages/server/package.json')).resolve('@electric-sql/pglite');
  const manifest = readFileSync(join(dirname(main), '..', 'package.json'), 'utf8');
  const { version: of } = JSON.parse(manifest) as { version: string };
  const archive = join(root, 'packages/server/dist/empty-database.tar.gz');
  if (existsSync(archive) && existsSync(`${archive}.for`) && readFileSync(`${archive}.for`, 'utf8') === of) return;
  const { PGlite } = await import('@electric-sql/pglite');
  const database = await PGlite.create();
  const dump = await database.dumpDataDir('gzip');
  writeFileSync(archive, Buffer.from(await dump.arrayBuffer()));
  writeFileSync(`${archive}.for`, of);
  await database.close();
}

/** Compiles a package to JavaScript and declarations, for programs outside this repository. */
function buildPackage(name: string): void {
  const config = join(root, 'packages', name, 'tsconfig.build.json');
  try {
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', config], { stdio: ['ignore', 'inherit', 'inherit'] });
  } catch (cause) {
    throw new BuildFailure(`packages/${name} cannot be compiled for others`, { cause });
  }
}
