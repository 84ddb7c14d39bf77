/** What is generated and is no business of a module's author: the scan kernel, the settings in the documentation. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Settings as AgentSettings } from '../packages/agent/src/settings/settings.ts';
import { Settings as ServerSettings } from '../packages/server/src/settings/settings.ts';
import { kernelText } from './kernel.ts';
import { withSettings } from './settings-table.ts';

/** Writes them below `root`. */
export async function generateOthers(root: string): Promise<void> {
  writeFileSync(join(root, 'packages/regexp/src/kernel/kernel-binary.ts'), await kernelText());
  for (const [name, settings] of [
    ['agent', AgentSettings],
    ['server', ServerSettings],
  ] as const) {
    const page = join(root, `docs/${name}.md`);
    writeFileSync(page, withSettings(page, settings));
  }
}
