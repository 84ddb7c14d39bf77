/** HTTPS to the platform, whose certificate is checked against its own CA. */
import { readFileSync } from 'node:fs';
import type { ClientOptions } from '@mig/api';

export interface SecureFetch {
  readonly fetch: ClientOptions['fetch'];
  close(): Promise<void>;
}

/** Whom to trust: a CA in PEM; the file with one, '' for the authorities of this machine; or who serves a local socket. */
export type Trusted = { readonly authority: string } | { readonly ca: string } | { readonly socket: string };

/** Gives a `fetch` that talks to nobody but whom `trusted` names. */
export async function createSecureFetch(trusted: Trusted): Promise<SecureFetch> {
  const { Agent, fetch } = await import('undici');
  // A stream of events may be silent for as long as nothing happens.
  const dispatcher = new Agent({ connect: connectionOf(trusted), bodyTimeout: 0 });
  return {
    fetch: (url, init) => fetch(url, { ...init, dispatcher }) as unknown as ReturnType<ClientOptions['fetch']>,
    close: () => dispatcher.destroy(),
  };
}

function connectionOf(trusted: Trusted): { ca?: string; socketPath?: string } {
  if ('socket' in trusted) return { socketPath: trusted.socket };
  if ('authority' in trusted) return { ca: trusted.authority };
  return trusted.ca === '' ? {} : { ca: readFileSync(trusted.ca, 'utf8') };
}
