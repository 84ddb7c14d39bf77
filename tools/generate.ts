/**
 * `npm run generate`: writes what is made from sources and committed: the manifest of the modules, the scan kernel,
 * the settings in the documentation. `npm run generate -- manifest` writes the manifest only.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemsOfModules } from './check-modules.ts';

const root = join(import.meta.dirname, '..');

const problems = await problemsOfModules(readFileSync(join(root, 'packages/modules/src/available.ts'), 'utf8'));
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
// What it is made from may end with an error as soon as it is loaded.
const { manifestText } = await import('./manifest.ts');
writeFileSync(join(root, 'packages/modules/manifest.json'), manifestText());
if (!process.argv.includes('manifest')) {
  const { generateOthers } = await import('./generate-others.ts');
  for (const [path, text] of Object.entries(await generateOthers(root))) writeFileSync(join(root, path), text);
}
