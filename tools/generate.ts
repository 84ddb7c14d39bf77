/** `npm run generate`: writes what is made from sources and committed: the manifest of the modules, the scan kernel. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelText } from './kernel.ts';
import { manifestText } from './manifest.ts';

const root = join(import.meta.dirname, '..');

writeFileSync(join(root, 'packages/modules/manifest.json'), manifestText());
writeFileSync(join(root, 'packages/regexp/src/kernel/kernel-binary.ts'), await kernelText());
