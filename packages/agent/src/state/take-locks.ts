/** What makes an agent the only one. */
import { resolve } from 'node:path';
import { takeLock } from '@mig/daemon';
import type { Places } from '../settings/places.ts';
import { makePrivateDirectory } from './durable-file.ts';

const agent = 'an agent';

/** Takes this process's lock on the state of an agent. Throws LockedError. */
export function lockState({ stateDirectory }: Places): void {
  makePrivateDirectory(stateDirectory);
  takeLock(stateDirectory, agent);
}

/**
 * Takes this process's lock on the identity of an enrolled agent: two with one certificate would push each other off the
 * broker for ever. Throws LockedError. A configuration directory that cannot be written to has no lock.
 */
export function lockIdentity({ stateDirectory, configDirectory }: Places): void {
  if (resolve(stateDirectory) === resolve(configDirectory)) return;
  try {
    takeLock(configDirectory, agent);
  } catch (error) {
    if (!['EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
