/** What an agent says about its endpoint. Read from files and from the runtime; nobody is asked over the network. */
import { readFileSync } from 'node:fs';
import { arch, networkInterfaces, platform, version } from 'node:os';
import { basename } from 'node:path';
import { architectureName, type Environment, operatingSystemName } from '@mig/action';
import { findCloudInstance } from './cloud.ts';

export interface EnvironmentSource {
  /** Names of the modules that can run here. */
  readonly modules: readonly string[];
  /** URL of the proxy that the agent uses; empty for none. */
  readonly proxy: string;
  /** The public address; empty while it is not known. */
  readonly publicIp: () => string;
  /** Where the file system of the endpoint begins. */
  readonly root?: string;
}

/** Looks at the endpoint. What cannot be told is left out or 'unknown'; it never throws. */
export function readEnvironment({ modules, proxy, publicIp, root = '/' }: EnvironmentSource): Environment {
  const cloud = findCloudInstance(root);
  return {
    init: initSystem(root),
    ident: systemName(root).slice(0, 1024),
    os: operatingSystemName(platform()),
    arch: architectureName(arch()),
    isproxied: proxy !== '',
    ...(proxy === '' ? {} : { proxy: withoutCredentials(proxy).slice(0, 1024) }),
    addresses: addresses(),
    ...(publicIp() === '' ? {} : { publicip: publicIp() }),
    modules,
    ...(cloud === undefined ? {} : { cloud }),
  };
}

/** Addresses of all interfaces but loopback, in CIDR form, sorted so that they compare. */
function addresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outer = all.filter(({ internal, cidr }) => !internal && cidr !== null);
  return [...new Set(outer.map(({ cidr }) => cidr!))].sort().slice(0, 1024);
}

/** os-release(5), PRETTY_NAME; elsewhere what the kernel says of itself. */
function systemName(root: string): string {
  for (const path of ['etc/os-release', 'usr/lib/os-release']) {
    const value = /^PRETTY_NAME=(.*)$/m.exec(readText(`${root}${path}`))?.[1];
    if (value !== undefined)
      return value
        .trim()
        .replace(/^(["'])(.*)\1$/, '$2')
        .replace(/\\(.)/g, '$1');
  }
  return version();
}

function initSystem(root: string): string {
  if (platform() === 'darwin') return 'launchd';
  if (platform() === 'win32') return 'windows';
  return basename(readText(`${root}proc/1/comm`).trim()) || 'unknown';
}

function withoutCredentials(proxy: string): string {
  try {
    const url = new URL(proxy);
    return `${url.protocol}//${url.host}`;
  } catch {
    return 'unknown';
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
