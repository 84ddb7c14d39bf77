/**
 * Whom this endpoint trusts with what: the investigators' public keys and the access list, as its owner put them there.
 * They are read again when they have changed, and never come from the platform. What cannot be read, or could have been
 * written by others, allows nothing.
 */
import { type Stats, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Acl, addKeys, emptyAcl, emptyKeyring, type Keyring, parseAcl } from '@mig/action';
import { refuseForeign } from './refuse-foreign.ts';

export interface Policy {
  readonly keyring: Keyring;
  readonly acl: Acl;
  /** Why the files cannot be used; with it, keyring and access list are empty. */
  readonly problem: string | undefined;
}

/** Where the two are kept. */
export interface PolicyPlaces {
  readonly keys: string;
  readonly acl: string;
}

export class PolicyReader {
  readonly #places: PolicyPlaces;
  #state = '';
  #policy: Policy = { keyring: emptyKeyring, acl: emptyAcl, problem: 'nothing was read yet' };

  constructor(places: PolicyPlaces) {
    this.#places = places;
  }

  /** The policy as the files have it now. Never throws: see `problem`. */
  async current(): Promise<Policy> {
    try {
      const files = await this.#files();
      const state = files.map(
        ({ path, stats }) => `${path} ${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`,
      );
      if (state.join('\n') === this.#state) return this.#policy;
      for (const { path, stats } of files) refuseForeign(path, stats);
      this.#policy = { ...(await this.#read(files.map(({ path }) => path))), problem: undefined };
      this.#state = state.join('\n');
    } catch (error) {
      this.#state = '';
      this.#policy = { keyring: emptyKeyring, acl: emptyAcl, problem: (error as Error).message };
    }
    return this.#policy;
  }

  /** The directory of both, the directory of keys, the key files in it, and the access list; what is not there is left out. */
  async #files(): Promise<readonly { readonly path: string; readonly stats: Stats }[]> {
    const { keys, acl } = this.#places;
    const names = (await ifThere(readdir(keys))) ?? [];
    const keyFiles = names.filter((name) => name.endsWith('.asc')).sort();
    // The directory as well: who may rename in it may put another file there.
    return [dirname(acl), keys, ...keyFiles.map((name) => join(keys, name)), acl].flatMap((path) => {
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats === undefined ? [] : [{ path, stats }];
    });
  }

  async #read(paths: readonly string[]): Promise<Omit<Policy, 'problem'>> {
    let keyring = emptyKeyring;
    let acl = emptyAcl;
    for (const path of paths) {
      if (path === this.#places.acl) acl = named(path, parseAcl, await readFile(path));
      else if (path.endsWith('.asc')) keyring = await addKeys(keyring, await readFile(path), path);
    }
    return { keyring, acl };
  }
}

function named<T>(path: string, parse: (content: Uint8Array) => T, content: Uint8Array): T {
  try {
    return parse(content);
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}

async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
