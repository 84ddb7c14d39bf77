/** mig-server.toml, as `mig up` needs it. */
import { writePrivateFile } from '../settings/private-file.ts';
import type { UpPlaces } from './up-places.ts';
import type { UpSettings } from './up-settings.ts';

/** Writes the configuration of the server anew: it is derived from what `mig up` was told. */
export function writeServerSettings({ serverSettings, serverData }: UpPlaces, settings: UpSettings): void {
  const { fleet, listen, names, apiport, relayport, websocketport } = settings;
  const text = JSON.stringify;
  writePrivateFile(
    serverSettings,
    [
      '# Written by mig up at each start, from up.toml: changes here do not last.',
      `fleet = ${text(fleet)}`,
      `datadir = ${text(serverData)}`,
      `names = ${text(names)}`,
      '[api]',
      `host = ${text(listen)}`,
      `port = ${apiport}`,
      '[relay]',
      `host = ${text(listen)}`,
      `port = ${relayport}`,
      `wsport = ${websocketport}`,
      '',
    ].join('\n'),
  );
}
