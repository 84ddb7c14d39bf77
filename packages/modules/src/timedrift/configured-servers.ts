/** NTP servers that the endpoint itself is set up to ask: chrony, ntp and systemd-timesyncd (Linux, macOS). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Servers to ask where none is set up or none answers. */
export const defaultServers: readonly string[] = [
  '0.pool.ntp.org',
  '1.pool.ntp.org',
  '2.pool.ntp.org',
  'time.cloudflare.com',
];

const chronyFiles = ['etc/chrony/chrony.conf', 'etc/chrony.conf'];
const chronyFolders = ['etc/chrony/conf.d', 'etc/chrony/sources.d', 'etc/chrony.d', 'run/chrony-dhcp'];
const ntpFiles = ['etc/ntp.conf', 'etc/ntpsec/ntp.conf', 'etc/openntpd/ntpd.conf', 'etc/ntpd.conf'];
const timesyncFolders = [
  'usr/lib/systemd/timesyncd.conf.d',
  'run/systemd/timesyncd.conf.d',
  'etc/systemd/timesyncd.conf.d',
];

/** The servers below `root`, in the order chrony, ntp, timesyncd, each once. */
export function configuredServers(root = '/'): string[] {
  const chrony = [...chronyFiles, ...filesIn(root, chronyFolders, /\.(conf|sources)$/)].flatMap((file) =>
    serverLines(textOf(root, file)),
  );
  const ntp = ntpFiles.flatMap((file) => serverLines(textOf(root, file)));
  const timesync = ['etc/systemd/timesyncd.conf', ...filesIn(root, timesyncFolders, /\.conf$/)].flatMap((file) =>
    timesyncLines(textOf(root, file)),
  );
  return [...new Set([...chrony, ...ntp, ...timesync])];
}

/** Lines `server HOST …`, `pool HOST …`, `servers HOST`; a reference clock (127.127.x.y) is no server to ask. */
export function serverLines(text: string): string[] {
  const hosts = [...text.matchAll(/^[ \t]*(?:server|servers|pool|peer)[ \t]+(?:-[46][ \t]+)?(\S+)/gm)].map(
    ([, host]) => host!,
  );
  return hosts.filter((host) => !host.startsWith('127.127.'));
}

/** `NTP=` and `FallbackNTP=`, hosts separated by spaces. */
export function timesyncLines(text: string): string[] {
  const values = [...text.matchAll(/^[ \t]*(?:Fallback)?NTP[ \t]*=[ \t]*(.*)$/gm)].map(([, value]) => value!);
  return values.flatMap((value) => value.split(/\s+/)).filter((host) => host !== '');
}

function textOf(root: string, file: string): string {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch {
    return ''; // Not set up on this endpoint.
  }
}

function filesIn(root: string, folders: readonly string[], name: RegExp): string[] {
  return folders.flatMap((folder) => {
    try {
      return readdirSync(join(root, folder))
        .filter((file) => name.test(file))
        .sort()
        .map((file) => join(folder, file));
    } catch {
      return [];
    }
  });
}
