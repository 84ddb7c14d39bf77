/** The API as the owner of the server's data directory may use it: through a socket there, without a login. */
import { type Client, createClient } from '@mig/api';
import { createSecureFetch } from '../platform/secure-fetch.ts';

/** Calls `use` with a client on `socket`, and closes its connections afterwards. */
export async function withLocalAdministration<T>(socket: string, use: (client: Client) => Promise<T>): Promise<T> {
  const { fetch, close } = await createSecureFetch({ socket });
  try {
    return await use(createClient({ url: 'http://localhost', fetch }));
  } finally {
    await close();
  }
}
