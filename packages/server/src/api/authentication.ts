/** Who asks: a session's token or an API key. A list of refusals; what none of them names has its permission. */
import { createHash, randomBytes } from 'node:crypto';
import type { AnyEndpoint } from '@mig/api';
import { findKeyHolder, findSession } from '../database/logins.ts';
import { type ApiContext, type Caller, Refused } from './api-context.ts';

/** Begins every API key, so that one that leaked is recognised. */
export const apiKeyPrefix = 'mig_';

/** Makes a secret, and what is kept of it. */
export function createSecret(prefix = ''): { readonly secret: string; readonly hash: string } {
  // In hexadecimal: a secret is typed after an option, and must not begin with a dash.
  const secret = `${prefix}${randomBytes(32).toString('hex')}`;
  return { secret, hash: hashOf(secret) };
}

/** What is kept of a secret: it has 256 bits of chance, so that no salt and no slow hash is needed. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Gives who asks `endpoint`; undefined for what needs no login. Throws Refused. */
export async function authenticate(
  { database }: Pick<ApiContext, 'database'>,
  { permission }: Pick<AnyEndpoint, 'permission'>,
  authorization: string | undefined,
): Promise<Caller | undefined> {
  if (permission === 'public' || permission === 'agent') return undefined;
  const wayout = 'Log in again; mig does so by itself.';
  const token = /^Bearer ([A-Za-z0-9_-]{20,128})$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) {
    throw new Refused('NOT_AUTHENTICATED', 'expected an Authorization header with a bearer token', { wayout });
  }
  const tokenHash = hashOf(token);
  const isKey = token.startsWith(apiKeyPrefix);
  const holder = isKey ? await findKeyHolder(database.db, tokenHash) : await findSession(database.db, tokenHash);
  if (holder === undefined) {
    if (!isKey) throw new Refused('NOT_AUTHENTICATED', 'the token is unknown, ended or expired', { wayout });
    throw new Refused('NOT_AUTHENTICATED', 'the API key is unknown, expired, deleted, or of somebody who is disabled', {
      wayout: 'Compare it with what was shown when it was made, or make a new one: mig apikey create.',
    });
  }
  if (!holder.permissions.includes(permission)) {
    throw new Refused('NOT_PERMITTED', `${holder.name} lacks the permission ${permission}`, {
      wayout: 'An administrator can give it: mig investigators permit.',
    });
  }
  const { name, permissions } = holder;
  return { name, permissions, by: isKey ? 'key' : 'session', investigator: holder, tokenHash };
}
