/** `npm run generate`: writes what is made from declarations and committed: the manifest of the modules. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestText } from './manifest.ts';

writeFileSync(join(import.meta.dirname, '../packages/modules/manifest.json'), manifestText());
