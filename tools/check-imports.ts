/** Checks every import against import-rules.ts. Part of `npm run lint`; prints each breach with the reason of the rule. */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { browserEntries, forTestsOnly, mayImport } from './import-rules.ts';
import { importsOf, resolveOwn } from './source-imports.ts';
import { trackedFiles } from './tracked-files.ts';

const root = join(import.meta.dirname, '..');
const isTest = (path: string) => /\.test\.tsx?$/.test(path) || path.startsWith('packages/testing/');
/** What the tests of a package share. */
const isTestFolder = (path: string) => /^packages\/[a-z]+\/src\/testing\//.test(path);
const breaches = [...checkPackages(), ...browserEntries.flatMap((entry) => [...checkBrowserEntry(entry)])];

for (const breach of breaches) process.stderr.write(`${breach}\n`);
process.stdout.write(`imports: ${breaches.length === 0 ? 'as drawn' : `${breaches.length} breaches`}\n`);
process.exitCode = breaches.length === 0 ? 0 : 1;

function* checkPackages(): Generator<string> {
  for (const path of trackedFiles(root, /^packages\/[a-z]+\/src\/.*\.tsx?$/)) {
    const importer = path.split('/')[1]!;
    const rule = mayImport[importer];
    if (rule === undefined && !forTestsOnly.includes(importer)) {
      yield `${path}: package ${importer} has no rule: add it to tools/import-rules.ts`;
      continue;
    }
    for (const { specifier } of importsOf(join(root, path))) {
      const imported = /^@mig\/([a-z]+)/.exec(specifier)?.[1] ?? leftPackage(path, specifier);
      if (imported === undefined || imported === importer || isTest(path)) continue;
      if (forTestsOnly.includes(imported)) {
        if (!isTestFolder(path)) yield `${path}: imports ${specifier}, which is for tests only`;
      } else if (!rule!.allowed.includes(imported))
        yield `${path}: imports ${specifier}: ${importer} may not, since ${rule!.reason}`;
    }
  }
}

/** The package that a relative import ends in, when it is not the importer's own. */
function leftPackage(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return /^packages\/([a-z]+)\//.exec(relative(root, resolveOwn(root, join(root, path), specifier)!))?.[1];
}

/** Follows what loads with `entry`, and reports what needs Node. */
function* checkBrowserEntry(entry: string): Generator<string> {
  if (!existsSync(join(root, entry))) return;
  const seen = new Set<string>();
  const waiting = [join(root, entry)];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const { specifier, isTypeOnly, isLazy } of importsOf(path)) {
      if (isTypeOnly || isLazy) continue;
      const own = resolveOwn(root, path, specifier);
      if (own !== undefined) waiting.push(...(existsSync(own) ? [own] : []));
      else if (specifier.startsWith('node:')) {
        yield `${relative(root, path)}: imports ${specifier}, and ${entry} must load in a browser: import it where it runs`;
      }
    }
  }
}
