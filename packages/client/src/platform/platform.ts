/** The platform as an investigator reaches it: a client that logs in by itself, by signing the platform's challenge. */
import { createEnvelope, encodeLogin, type FleetName, loginPayloadType } from '@mig/action';
import { ApiError, type Client, createChallenge, createClient, createSession, getStatus } from '@mig/api';
import type { Places } from '../settings/places.ts';
import type { Settings } from '../settings/settings.ts';
import { type InvestigatorSigner, openSigner } from '../signing/investigator-signer.ts';
import { createSecureFetch } from './secure-fetch.ts';
import { keepToken, keptToken } from './session-file.ts';

export interface Platform extends Client {
  readonly url: string;
  /** The investigator's key, opened at first use. */
  signer(): Promise<InvestigatorSigner>;
  /** The fleet that actions are to be signed for. Throws when the platform is of another than is configured. */
  fleet(): Promise<FleetName>;
  close(): Promise<void>;
}

/**
 * Connects as `settings` say. Nothing is sent before the first call. `atTerminal` brackets each signature: a passphrase
 * may be asked for in it.
 */
export async function openPlatform(
  settings: Settings,
  places: Places,
  atTerminal: <T>(work: () => Promise<T>) => Promise<T> = (work) => work(),
): Promise<Platform> {
  const { url, apikey } = settings;
  // The value itself is a secret, or nearly one.
  if (!/^(mig_[\w-]{20,128})?$/.test(apikey)) {
    throw new Error(
      `'apikey' (or MIG_APIKEY) is no API key: expected mig_ and 64 digits, got ${apikey.length} characters: mig apikey create makes one`,
    );
  }
  const { fetch, close } = await createSecureFetch(settings);
  const open = createClient({ url, fetch });
  let signer: Promise<InvestigatorSigner> | undefined;
  const openedSigner = () => {
    signer ??= openSigner(settings, places).then(({ fingerprint, sign }) => ({
      fingerprint,
      sign: (envelope) => atTerminal(() => sign(envelope)),
    }));
    return signer;
  };
  let token: Promise<string> | undefined;
  const login = async (mayUseKept: boolean) => {
    if (settings.apikey !== '') return settings.apikey;
    const opened = await openedSigner();
    const kept = mayUseKept ? keptToken(places, url, opened.fingerprint) : undefined;
    return kept ?? logIn(open, opened, settings, places);
  };
  const client = createClient({
    url,
    fetch: async (address, init) => {
      const response = await fetch(address, init);
      if (response.status !== 401 || settings.apikey !== '') return response;
      await response.text();
      token = login(false);
      return fetch(address, { ...init, headers: { ...init.headers, authorization: `Bearer ${await token}` } });
    },
    token: () => {
      token ??= login(true);
      return token;
    },
  });
  return {
    ...client,
    url,
    signer: openedSigner,
    async fleet() {
      const { fleet } = await open.call(getStatus);
      if (settings.fleet === '' || settings.fleet === fleet) return fleet;
      throw new Error(otherFleet(settings, fleet, places));
    },
    close,
  };
}

async function logIn(client: Client, signer: InvestigatorSigner, settings: Settings, places: Places): Promise<string> {
  const { fingerprint } = signer;
  const { id, fleet, challenge, expires } = await client.call(createChallenge, { body: { fingerprint } });
  if (settings.fleet !== '' && fleet !== settings.fleet) {
    throw new Error(otherFleet(settings, fleet, places));
  }
  const envelope = await signer.sign(createEnvelope(encodeLogin({ fleet, challenge, expires }), loginPayloadType));
  try {
    const session = await client.call(createSession, { body: { challengeid: id, envelope } });
    keepToken(places, { url: settings.url, fingerprint, token: session.token, expires: session.expires });
    return session.token;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    throw new Error(
      `${settings.url} knows no active investigator with the key ${fingerprint}: an administrator adds one with mig investigators add, or mig-server investigator add`,
      { cause: error },
    );
  }
}

function otherFleet({ url, fleet: expected }: Settings, fleet: string, places: Places): string {
  return `${url} is the platform of the fleet '${fleet}', expected '${expected}' as in ${places.settings} or MIG_FLEET: nothing was signed`;
}
