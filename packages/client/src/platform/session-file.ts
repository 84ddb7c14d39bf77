/** The token of the last login, kept so that the next command need not sign a challenge. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Places } from '../settings/places.ts';
import { writePrivateFile } from '../settings/private-file.ts';

const Kept = z.object({ url: z.string(), fingerprint: z.string(), token: z.string(), expires: z.string() });
export type Kept = z.output<typeof Kept>;

/** A token that ends sooner than this is not used any more. */
const leastLeftMs = 60_000;

/** Gives the token for `url` and the key `fingerprint` if it is good for a while. */
export function keptToken({ session }: Places, url: string, fingerprint: string): string | undefined {
  try {
    const kept = Kept.parse(JSON.parse(readFileSync(session, 'utf8')));
    const isGood = Date.parse(kept.expires) - Date.now() > leastLeftMs;
    return isGood && kept.url === url && kept.fingerprint === fingerprint ? kept.token : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a token, readable by its owner only. */
export function keepToken({ session }: Places, kept: Kept): void {
  writePrivateFile(session, JSON.stringify(kept));
}
