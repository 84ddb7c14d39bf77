/** What the runtime lets a module process do: reading, and what its module declares as needs. */
import type { AnyModule, Need } from '../contract/define-module.ts';

/**
 * The flags of Node's permission model for `module`: `--experimental-permission` before Node 23.5, `--permission` since
 * (https://nodejs.org/api/permissions.html). Sending signals is not a thing it can withhold; the network it can since
 * Node 25.
 */
export function permissionFlags(module: AnyModule, nodeVersion = process.versions.node): string[] {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const isSettled = major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 13);
  const flagFor: Readonly<Record<Need, readonly string[]>> = {
    write: ['--allow-fs-write=*'],
    children: ['--allow-child-process'],
    threads: ['--allow-worker'],
    addons: ['--allow-addons'],
    network: major >= 25 ? ['--allow-net'] : [],
    signals: [],
  };
  return [
    isSettled ? '--permission' : '--experimental-permission',
    '--allow-fs-read=*',
    ...module.needs.flatMap((need) => flagFor[need]),
  ];
}
