/** Checks the habits of the house that no linter knows. Part of `npm run lint`; prints each breach with the way out. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { trackedFiles } from './tracked-files.ts';

const root = join(import.meta.dirname, '..');
const sources = trackedFiles(root, /^(packages|examples|tools|bench|test)\/.*\.tsx?$/).map((path) => ({
  path,
  text: readFileSync(join(root, path), 'utf8'),
}));
const breaches = [...checkFiles(), ...checkModuleFolders(), ...checkVersions()];

for (const breach of breaches) process.stderr.write(`${breach}\n`);
process.stdout.write(`${sizes()}; house: ${breaches.length === 0 ? 'in order' : `${breaches.length} breaches`}\n`);
process.exitCode = breaches.length === 0 ? 0 : 1;

function* checkFiles(): Generator<string> {
  for (const { path, text } of sources) {
    const lines = text.split('\n').length;
    const opening = /^\s*\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? '';
    const isTest = path.endsWith('.test.ts');
    if (!isTest && opening === '') yield `${path}: opens without a comment that says what it is for`;
    if (!isTest && lines > 300 && !/\blines\b|\blong\b|one file/i.test(opening)) {
      yield `${path}: ${lines} lines: split it, or say in its first comment why it is one long file`;
    }
    if (/(^|\/)(utils?|helpers?|types|interfaces|common|misc|lib)\.tsx?$/.test(path)) {
      yield `${path}: is named by substance: name it by what it is for`;
    }
    if (/\b(TODO|FIXME|XXX)\b/.test(text) && !path.startsWith('tools/'))
      yield `${path}: leaves something open: do it, or file it`;
    // AssemblyScript has decorators that TypeScript has not, and its own compiler.
    const isTypeScript = !path.startsWith('tools/') && !path.includes('/assembly/');
    if (/@ts-(ignore|nocheck)/.test(text) && isTypeScript) yield `${path}: switches the compiler off`;
  }
}

/** Every folder of packages/modules/src is a module in the list, with its declaration, a test and a page of docs. */
function* checkModuleFolders(): Generator<string> {
  const list = readFileSync(join(root, 'packages/modules/src/available.ts'), 'utf8');
  const folders = new Set(
    sources.flatMap(({ path }) => /^packages\/modules\/src\/([a-z]+)\/\1\.ts$/.exec(path)?.[1] ?? []),
  );
  for (const name of folders) {
    if (!list.includes(`'./${name}/${name}.ts'`)) yield `packages/modules/src/${name}: is not in available.ts`;
    if (!existsSync(join(root, `packages/modules/src/${name}/${name}.test.ts`)))
      yield `module ${name}: has no ${name}.test.ts`;
    if (!existsSync(join(root, `docs/modules/${name}.md`))) yield `module ${name}: has no docs/modules/${name}.md`;
  }
}

/** One version of each dependency, written exactly. */
function* checkVersions(): Generator<string> {
  const wanted = new Map<string, string>();
  for (const path of trackedFiles(root, /(^|\/)package\.json$/)) {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(root, path), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      if (!/^\d/.test(version)) yield `${path}: ${name} is '${version}': expected one exact version`;
      const other = wanted.get(name);
      if (other !== undefined && other !== version)
        yield `${path}: ${name} is ${version}, elsewhere ${other}: expected one version`;
      wanted.set(name, version);
    }
  }
}

function sizes(): string {
  const lines = sources
    .filter(({ path }) => !path.endsWith('.test.ts'))
    .map(({ text }) => text.split('\n').length)
    .sort((a, b) => a - b);
  const at = (share: number) => lines[Math.floor((lines.length - 1) * share)] ?? 0;
  return `${lines.length} files, half up to ${at(0.5)} lines, nine in ten up to ${at(0.9)}, the longest ${at(1)}`;
}
