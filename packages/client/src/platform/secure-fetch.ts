/** HTTPS to the platform, whose certificate is checked against its own CA. */
import { readFileSync } from 'node:fs';
import type { ClientOptions } from '@mig/api';
import type { Settings } from '../settings/settings.ts';

export interface SecureFetch {
  readonly fetch: ClientOptions['fetch'];
  close(): Promise<void>;
}

/** Gives a `fetch` that trusts `authority` (PEM), or the file `ca`, or where none is named, the authorities of this machine. */
export async function createSecureFetch({
  ca,
  authority,
}: Pick<Settings, 'ca'> & { readonly authority?: string }): Promise<SecureFetch> {
  const { Agent, fetch } = await import('undici');
  const trusted = authority ?? (ca === '' ? undefined : readFileSync(ca, 'utf8'));
  const connect = trusted === undefined ? {} : { ca: trusted };
  // A stream of events may be silent for as long as nothing happens.
  const dispatcher = new Agent({ connect, bodyTimeout: 0 });
  return {
    fetch: (url, init) => fetch(url, { ...init, dispatcher }) as unknown as ReturnType<ClientOptions['fetch']>,
    close: () => dispatcher.destroy(),
  };
}
