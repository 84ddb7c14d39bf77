/**
 * Challenges of logins. One holds all that is to be known of it, sealed with a key of the platform: whom it is for, its
 * fleet and its end. So a challenge that is given costs no memory, and a flood of those who ask for one locks out nobody.
 */
import { createHmac, createPrivateKey, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { createUuid, type FleetName, type Login, type Uuid } from '@mig/action';
import type { Challenge } from '@mig/api';

/** How long a person has to sign, with a passphrase to type or a card to fetch. */
const lifetimeMs = 5 * 60_000;

export class Challenges {
  readonly #fleet: FleetName;
  readonly #key: Uint8Array;

  /** All processes of a platform have the same CA key, and from it the same key for seals. */
  constructor(fleet: FleetName, authorityKey: string) {
    this.#fleet = fleet;
    const secret = createPrivateKey(authorityKey).export({ type: 'pkcs8', format: 'der' });
    this.#key = new Uint8Array(hkdfSync('sha256', secret, fleet, 'mig login challenge', 32));
  }

  /** Makes a challenge for whoever has the key `fingerprint`. */
  create(fingerprint: string, now: number = Date.now()): Challenge {
    const id = createUuid(now);
    const expires = new Date(now + lifetimeMs).toISOString();
    const open = `${fingerprint}.${randomBytes(16).toString('base64url')}`;
    return { id, fleet: this.#fleet, challenge: `${open}.${this.#seal(id, open, expires)}`, expires };
  }

  /** Whose key has to have signed `login`; undefined when it is no challenge of this platform that is still good. */
  fingerprintOf(id: Uuid, { fleet, challenge, expires }: Login, now: number = Date.now()): string | undefined {
    const [fingerprint = '', nonce = '', seal = '', ...more] = challenge.split('.');
    if (more.length > 0 || fleet !== this.#fleet) return undefined;
    const expected = Buffer.from(this.#seal(id, `${fingerprint}.${nonce}`, expires));
    const given = Buffer.from(seal);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return now < Date.parse(expires) ? fingerprint : undefined;
  }

  #seal(id: Uuid, open: string, expires: string): string {
    const content = JSON.stringify([id, this.#fleet, open, expires]);
    return createHmac('sha256', this.#key).update(content).digest('base64url');
  }
}
