/**
 * `npm run generate`: writes what is made from sources and committed: the manifest of the modules, the scan kernel,
 * the settings in the documentation. `npm run generate -- manifest` writes the manifest only.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestText } from './manifest.ts';

const root = join(import.meta.dirname, '..');

writeFileSync(join(root, 'packages/modules/manifest.json'), manifestText());
if (!process.argv.includes('manifest')) await (await import('./generate-others.ts')).generateOthers(root);
