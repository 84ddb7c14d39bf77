/**
 * `npm run build`: one bundle for each program, the script of module threads, the start-up snapshot of the agent, and
 * the packages that others may use on their own.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { engineFlags, snapshotIdentity } from '@mig/module/runner';
import { build, type Plugin } from 'esbuild';
import { lazyModules } from './lazy-modules.ts';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/** Leaves out the translations of zod's messages: our own texts are English, and they weigh on every start. */
const withoutLocales: Plugin = {
  name: 'without-locales',
  setup(bundle) {
    bundle.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js"',
    }));
  },
};

/** OpenPGP.js in its CommonJS form: the other finds Node's modules by its own file's URL, which a bundle has not. */
const openPgpAsCommonJs: Plugin = {
  name: 'openpgp-as-commonjs',
  setup(bundle) {
    bundle.onResolve({ filter: /^openpgp$/ }, ({ resolveDir }) => ({
      path: createRequire(join(resolveDir, 'from')).resolve('openpgp'),
    }));
  },
};

/** Packages that find WebAssembly and data beside their own files: they stay in node_modules. */
const besideTheirData = ['@electric-sql/pglite', 'libpg-query', 'pg-native'];

interface Bundle {
  readonly from: string;
  readonly to: string;
  readonly plugins?: readonly Plugin[];
}

const bundles: readonly Bundle[] = [
  { from: 'packages/agent/src/entry.ts', to: 'packages/agent/dist/mig-agent.cjs', plugins: [lazyModules] },
  { from: 'packages/agent/src/daemon-program.ts', to: 'packages/agent/dist/mig-agent-daemon.cjs' },
  { from: 'packages/modules/src/thread-entries.ts', to: 'packages/agent/dist/module-thread.cjs' },
  { from: 'packages/client/src/entry.ts', to: 'packages/client/dist/mig.cjs' },
  { from: 'packages/client/src/console-entry.ts', to: 'packages/client/dist/mig-console.cjs' },
  { from: 'packages/server/src/entry.ts', to: 'packages/server/dist/mig-server.cjs' },
];

await Promise.all(
  bundles.map(({ from, to, plugins = [] }) =>
    build({
      entryPoints: [join(root, from)],
      outfile: join(root, to),
      bundle: true,
      platform: 'node',
      external: besideTheirData,
      target: 'node20',
      format: 'cjs',
      conditions: ['mig-source'],
      define: { MIG_VERSION: JSON.stringify(version) },
      minify: true,
      keepNames: false,
      plugins: [withoutLocales, openPgpAsCommonJs, ...plugins],
      legalComments: 'none',
      logLevel: 'warning',
    }),
  ),
);
onlyAscii(join(root, 'packages/agent/dist/mig-agent.cjs'));
buildSnapshot();
await buildEmptyDatabase();
for (const name of ['module', 'regexp']) buildPackage(name);

/** Throws where a script holds other characters: V8 keeps it with two bytes for each then, and each start takes 3 ms more. */
function onlyAscii(script: string): void {
  const other = /[^\0-\x7f]/.exec(readFileSync(script, 'utf8'));
  if (other === null) return;
  const around = other.input.slice(Math.max(0, other.index - 40), other.index + 40);
  throw new Error(
    `${script}: expected ASCII only, got '${other[0]}' in: ${around}\nIn a regular expression, write \\uNNNN.`,
  );
}

/** Saves the agent as it is once all modules are declared: restored, a module process starts some 30 ms sooner. */
function buildSnapshot(): void {
  const blob = join(root, 'packages/agent/dist/mig-agent.blob');
  rmSync(`${blob}.for`, { force: true });
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
  const script = join(root, 'packages/agent/dist/mig-agent.cjs');
  execFileSync(process.execPath, [...engineFlags, '--snapshot-blob', blob, '--build-snapshot', script], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(`${blob}.for`, snapshotIdentity());
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
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', config], { stdio: ['ignore', 'inherit', 'inherit'] });
}
