/**
 * `npm run generate`: writes what is made from sources and committed: the manifest of the modules, the scan kernel,
 * the settings in the documentation. `npm run generate -- manifest` writes the manifest only.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestText } from './manifest.ts';

const root = join(import.meta.dirname, '..');

writeFileSync(join(root, 'packages/modules/manifest.json'), manifestText());
if (!process.argv.includes('manifest')) {
  const { generateOthers } = await import('./generate-others.ts');
  for (const [path, text] of Object.entries(await generateOthers(root))) writeFileSync(join(root, path), text);
}
