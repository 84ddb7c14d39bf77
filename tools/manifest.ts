/** The manifest: what every module takes and gives, for whoever must not run its code (the server, the docs). */
import { describeModule } from '@mig/module';
import { available } from '@mig/modules';

/** The text of packages/modules/manifest.json. */
export function manifestText(): string {
  return `${JSON.stringify({ modules: available.modules.map(describeModule) }, null, 2)}\n`;
}
