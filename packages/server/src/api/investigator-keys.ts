/** The keyring of the platform: the public keys of its investigators, each read once for as long as it stays the same. */
import { emptyKeyring, type Keyring, readKeyring } from '@mig/action';
import type { Investigator } from '@mig/api';

const mostKept = 1_000;

export class InvestigatorKeys {
  readonly #read = new Map<string, Keyring>();

  /** The keyring of these investigators. */
  async keyringOf(investigators: readonly Pick<Investigator, 'publickey'>[]): Promise<Keyring> {
    const keys = new Map(emptyKeyring.keys);
    for (const { publickey } of investigators) {
      for (const [fingerprint, key] of (await this.#keyring(publickey)).keys) keys.set(fingerprint, key);
    }
    return { keys };
  }

  async #keyring(publickey: string): Promise<Keyring> {
    const known = this.#read.get(publickey);
    if (known !== undefined) return known;
    const keyring = await readKeyring([publickey]);
    if (this.#read.size >= mostKept) this.#read.delete(this.#read.keys().next().value!);
    this.#read.set(publickey, keyring);
    return keyring;
  }
}
