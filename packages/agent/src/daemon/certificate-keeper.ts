/** Keeps the agent's certificate valid: looks once an hour whether it is to be renewed. */

import type { Logger } from '@mig/daemon';
import type { Enrolment } from '../enrolment/enrolment-file.ts';
import { isRenewalDue, renew } from '../enrolment/renewal.ts';
import type { Places } from '../settings/places.ts';

/** How often to look, and to try again where the platform was not reached. */
const intervalMs = 3_600_000;

export interface CertificateOptions {
  readonly enrolment: Enrolment;
  readonly places: Places;
  readonly proxy: string;
  readonly log: Logger;
}

export class CertificateKeeper {
  readonly #options: CertificateOptions;
  readonly #onRenewed: () => Promise<void>;
  #current: Enrolment;
  #timer: NodeJS.Timeout | undefined;

  /** `onRenewed` is called when there is a new certificate to connect with. */
  constructor(options: CertificateOptions, onRenewed: () => Promise<void>) {
    this.#options = options;
    this.#onRenewed = onRenewed;
    this.#current = options.enrolment;
  }

  /** The enrolment with the certificate that is valid now. */
  get current(): Enrolment {
    return this.#current;
  }

  start(): void {
    void this.#look();
    this.#timer = setInterval(() => void this.#look(), intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { places, proxy, log } = this.#options;
    if (!isRenewalDue(this.#current.tls.cert, new Date())) return;
    try {
      this.#current = await renew(this.#current, places, proxy);
      log.info('certificate renewed');
      await this.#onRenewed();
    } catch (error) {
      log.error({ error: (error as Error).message }, 'certificate not renewed, tried again in an hour');
    }
  }
}
