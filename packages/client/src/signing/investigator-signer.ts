/** Signs envelopes as the investigator: with a key file of ours, or through GnuPG. */
import { ActionError, type Envelope, signEnvelope } from '@mig/action';
import { findKeyFile } from '../keys/key-files.ts';
import { askPassphrase, readPassphraseFile } from '../keys/passphrase.ts';
import type { Places } from '../settings/places.ts';
import type { Settings } from '../settings/settings.ts';
import { signWithGnuPg } from './gnupg.ts';

export interface InvestigatorSigner {
  readonly fingerprint: string;
  /** Gives `envelope` with one more signature. */
  sign(envelope: Envelope): Promise<Envelope>;
}

/** How often a person may mistype. */
const attempts = 3;

/** Finds the key that `settings` name. A passphrase is asked for at the first signature, and kept for the next ones. */
export async function openSigner(settings: Settings, places: Places): Promise<InvestigatorSigner> {
  if (settings.signer === 'gpg') return signWithGnuPg(settings);
  const key = await findKeyFile(places, settings.key);
  let known = settings.passphrase.file === '' ? undefined : readPassphraseFile(settings.passphrase.file);
  if (!key.isProtected) known = '';

  const sign = async (envelope: Envelope): Promise<Envelope> => {
    if (known !== undefined) {
      return signEnvelope(envelope, { privateKey: key.content, passphrase: known }).catch((error: unknown) => {
        if (!(error instanceof ActionError) || error.code !== 'PASSPHRASE_WRONG' || settings.passphrase.file === '')
          throw error;
        throw new Error(`${error.message}: it is read from ${settings.passphrase.file}`, { cause: error });
      });
    }
    for (let left = attempts; ; left--) {
      const passphrase = await askPassphrase(`Passphrase of ${key.userids[0] ?? key.fingerprint}: `);
      try {
        const signed = await signEnvelope(envelope, { privateKey: key.content, passphrase });
        known = passphrase;
        return signed;
      } catch (error) {
        if (!(error instanceof ActionError) || !/^PASSPHRASE_/.test(error.code) || left === 1) throw error;
        process.stderr.write(`${error.message}\n`);
      }
    }
  };
  return { fingerprint: key.fingerprint, sign };
}
