/** What makes an agent the only one. */
import { resolve } from 'node:path';
import { takeLock } from '@mig/daemon';
import type { Places } from '../settings/places.ts';
import { makePrivateDirectory } from './durable-file.ts';

/**
 * Takes this process's locks on the state of an agent and on its identity: two agents with one certificate would push
 * each other off the broker for ever. Throws LockedError. A configuration directory that cannot be written to has no lock.
 */
export function takeLocks({ stateDirectory, configDirectory }: Places): void {
  makePrivateDirectory(stateDirectory);
  takeLock(stateDirectory, 'an agent');
  if (resolve(stateDirectory) === resolve(configDirectory)) return;
  try {
    makePrivateDirectory(configDirectory);
    takeLock(configDirectory, 'an agent');
  } catch (error) {
    if (!['EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
