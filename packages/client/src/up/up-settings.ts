/** What `mig up` was told, kept from one start to the next: where to listen, under which names. */
import { existsSync } from 'node:fs';
import { FleetName } from '@mig/action';
import { loadConfiguration } from '@mig/configuration';
import { z } from 'zod';
import { writePrivateFile } from '../settings/private-file.ts';
import { freePorts } from './free-ports.ts';

const port = z.int().min(1).max(65_535);

export const UpSettings = z.strictObject({
  fleet: FleetName,
  listen: z.string().min(1),
  names: z.array(z.string().min(1).max(255)),
  apiport: port,
  relayport: port,
  websocketport: port,
});
export type UpSettings = z.output<typeof UpSettings>;

/** What the command line says; undefined: as it was. */
export interface UpWishes {
  readonly listen: string | undefined;
  readonly names: readonly string[];
}

const standardPorts = [8443, 8883, 8884] as const;

/** Reads up.toml, or makes it with free ports, and brings it in line with `wishes`. Throws ConfigurationError. */
export async function loadUpSettings(file: string, wishes: UpWishes): Promise<UpSettings> {
  const isNew = !existsSync(file);
  const known = isNew ? await freshSettings(wishes) : loadConfiguration(UpSettings, { file, environment: {} });
  const listen = wishes.listen ?? known.listen;
  const settings = { ...known, listen, names: wishes.names.length > 0 ? [...wishes.names] : known.names };
  if (isNew || JSON.stringify(settings) !== JSON.stringify(known)) {
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`);
    writePrivateFile(file, `# What mig up was told: -listen and -name rewrite this file.\n${lines.join('')}`);
  }
  return settings;
}

async function freshSettings({ listen = '127.0.0.1' }: UpWishes): Promise<UpSettings> {
  const [apiport, relayport, websocketport] = await freePorts(listen, standardPorts);
  return { fleet: 'mig', listen, names: [], apiport: apiport!, relayport: relayport!, websocketport: websocketport! };
}

/** The address under which programs of this machine reach what listens on `listen`. */
export function localAddress(listen: string): string {
  if (listen === '0.0.0.0' || listen === '') return '127.0.0.1';
  if (listen === '::') return '[::1]';
  return listen.includes(':') ? `[${listen}]` : listen;
}

/** Whether other machines can reach it. */
export function isReachable(listen: string): boolean {
  return !/^(127\.|::1$|localhost$)/.test(listen);
}
