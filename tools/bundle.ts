/**
 * The bundles of the programs, and what V8 has compiled of them: a program that people start by hand, or by a tab, is there
 * in two thirds of the time when V8 need not compile it anew. Of the agent, the start-up snapshot takes that place.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, formatMessages, type Message, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');

export interface Bundle {
  readonly from: string;
  /** Where it is written: from the root of the repository, or absolute. */
  readonly to: string;
  readonly plugins?: readonly Plugin[];
  /** Whether it is run from a start-up snapshot, where there is no `import()`: then it requires what is not within it. */
  readonly isSnapshot?: boolean;
  /** What runs what most starts run; without it the bundle is `to` itself. */
  readonly rehearsal?: Rehearsal;
}

/** A program, from the root of the repository, and words for it, in which HOME stands for an empty directory. */
interface Rehearsal {
  readonly program: string;
  readonly words: readonly string[];
  /** Flags of V8: what it compiled with others it does not take. */
  readonly flags?: readonly string[];
  readonly input?: string;
}

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

/** Writes bundles. Throws BuildFailure when one cannot be made; what several of them fail with alike is said once. */
export async function writeBundles(bundles: readonly Bundle[], version: string): Promise<void> {
  const outcomes = await Promise.allSettled(bundles.map((bundle) => writeBundle(bundle, version)));
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? messagesOf(outcome.reason) : []));
  if (errors.length > 0) throw new BuildFailure(await textOf(errors, 'error'));
}

/** What cannot be built, and where that is written: for whoever wrote it, to whom our own stack says nothing. */
export class BuildFailure extends Error {
  override readonly name = 'BuildFailure';
}

function messagesOf(reason: unknown): Message[] {
  if (reason instanceof Error && 'errors' in reason) return reason.errors as Message[];
  throw reason;
}

async function textOf(messages: readonly Message[], kind: 'error' | 'warning'): Promise<string> {
  const formatted = await formatMessages([...messages], {
    kind,
    color: process.stderr.isTTY && !process.env['NO_COLOR'],
  });
  return [...new Set(formatted)].join('').trim();
}

/** One with a rehearsal is written as NAME.js, with a NAME.cjs that runs it. */
async function writeBundle(
  { from, to, plugins = [], rehearsal, isSnapshot = false }: Bundle,
  version: string,
): Promise<void> {
  const outfile = resolve(root, to);
  const { warnings } = await build({
    entryPoints: [join(root, from)],
    outfile: rehearsal === undefined ? outfile : besides(outfile, 'js'),
    bundle: true,
    platform: 'node',
    external: besideTheirData,
    target: 'node20',
    format: 'cjs',
    conditions: ['mig-source'],
    define: { MIG_VERSION: JSON.stringify(version) },
    supported: isSnapshot ? { 'dynamic-import': false } : {},
    minify: true,
    keepNames: false,
    plugins: [withoutLocales, openPgpAsCommonJs, ...plugins],
    legalComments: 'none',
    logLevel: 'silent',
  });
  if (warnings.length > 0) console.error(await textOf(warnings, 'warning'));
  if (rehearsal === undefined) return;
  rmSync(besides(outfile, 'compiled'), { force: true });
  writeFileSync(outfile, loader);
}

/** Runs the rehearsal of a bundle, and keeps what V8 compiled for it. Throws when the program does not start. */
export function keepCompiled({ to, rehearsal }: Bundle): void {
  if (rehearsal === undefined) return;
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
  const home = mkdtempSync(join(tmpdir(), 'mig-rehearsal-'));
  const { program, flags = [], input = '' } = rehearsal;
  const words = [...flags, '--require', join(import.meta.dirname, 'keep-compiled.cjs'), join(root, program)];
  for (const word of rehearsal.words) words.push(word.replace('HOME', home));
  const { status, stderr } = spawnSync(process.execPath, words, { env: { ...env, HOME: home }, input });
  rmSync(home, { recursive: true });
  if (status === null || status > 2) throw new Error(`${to}: its rehearsal ended with ${status}: ${stderr}`);
}

/**
 * Runs the bundle beside it. V8 refuses what another V8 compiled, or one with other flags, and compiles anew
 * (https://nodejs.org/api/vm.html#new-vmscriptcode-options).
 */
const loader = `'use strict';
// Written by npm run build: runs the bundle beside it, with what V8 has compiled of it already, where that fits.
const { readFileSync } = require('node:fs');
const vm = require('node:vm');
const path = __filename.slice(0, -'.cjs'.length);
let cachedData;
try {
  cachedData = readFileSync(path + '.compiled');
} catch {}
const text = '(function (exports, require, module, __filename, __dirname) {' + readFileSync(path + '.js', 'utf8') + '\\n})';
const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
const script = new vm.Script(text, { filename: path + '.js', cachedData, importModuleDynamically });
script.runInThisContext()(exports, require, module, __filename, __dirname);
`;

function besides(script: string, ending: string): string {
  return script.replace(/cjs$/, ending);
}
