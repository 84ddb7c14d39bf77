/** What is generated and is no business of a module's author: the scan kernel, the settings in the documentation. */
import { join } from 'node:path';
import { Settings as AgentSettings } from '../packages/agent/src/settings/settings.ts';
import { Settings as ServerSettings } from '../packages/server/src/settings/settings.ts';
import { kernelText } from './kernel.ts';
import { withSettings } from './settings-table.ts';

/** Gives the texts of the files below `root` that should stand there, by their paths. */
export async function generateOthers(root: string): Promise<Readonly<Record<string, string>>> {
  const page = (name: string) => `docs/${name}.md`;
  return {
    'packages/regexp/src/kernel/kernel-binary.ts': await kernelText(),
    [page('agent')]: withSettings(join(root, page('agent')), AgentSettings),
    [page('server')]: withSettings(join(root, page('server')), ServerSettings),
  };
}
