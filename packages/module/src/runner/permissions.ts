/** What the runtime lets a module process do: reading, and what its module declares as needs. */
import type { AnyModule, Need } from '../contract/define-module.ts';
import { isPersistent } from '../contract/persistent-module.ts';

/** What a run of a module that stays needs: it asks the instance that runs, and that has what the module needs. */
const needsOfQuestion: readonly Need[] = ['network'];

/** The flags for one run of `module`. */
export function permissionFlags(module: AnyModule, nodeVersion = process.versions.node): string[] {
  return flagsOfNeeds(isPersistent(module) ? needsOfQuestion : module.needs, nodeVersion);
}

/** The flags for the instance of `module` that stays: it may make its socket and use its state directory as well. */
export function instancePermissionFlags(
  module: AnyModule,
  socketPath: string,
  stateDirectory: string,
  nodeVersion = process.versions.node,
): string[] {
  const needs = module.needs.includes('network') ? module.needs : [...module.needs, 'network' as const];
  const flags = flagsOfNeeds(needs, nodeVersion);
  return module.needs.includes('write')
    ? flags
    : [...flags, `--allow-fs-write=${socketPath}`, `--allow-fs-write=${stateDirectory}/*`];
}

/**
 * The flags of Node's permission model: `--experimental-permission` before Node 23.5, `--permission` since
 * (https://nodejs.org/api/permissions.html). Sending signals is not a thing it can withhold; the network it can since
 * Node 25.
 */
function flagsOfNeeds(needs: readonly Need[], nodeVersion: string): string[] {
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
    ...needs.flatMap((need) => flagFor[need]),
  ];
}
