/** Names that end up in topics, paths and access lists: what they may look like. */
import { z } from 'zod';

/** The name of a fleet. It becomes a level of every topic, so nothing of MQTT's syntax (`+ # / $`) can be in it. */
export const FleetName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, {
  error: "expected a fleet's name: up to 63 of a-z, 0-9, '.', '_' and '-', the first a letter or digit",
});
export type FleetName = z.output<typeof FleetName>;

/** The name of a module. `default` is not one: access lists use it for the permission of all other modules. */
export const ModuleName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, {
    error: "expected a module's name: up to 64 of a-z, 0-9, '_' and '-', the first a letter",
  })
  .refine((name) => name !== 'default', "expected a module's name, and 'default' is kept for access lists");

/**
 * The fingerprint of an OpenPGP primary key: 40 hexadecimal digits (version 4) or 64 (version 6). The spaces and the
 * lower case that some programs print are accepted; the value is in upper case without spaces.
 */
export const Fingerprint = z
  .string()
  .max(128)
  .transform(normalizeFingerprint)
  .pipe(
    z.string().regex(/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/, {
      error: 'expected a fingerprint of 40 or 64 hexadecimal digits; a short key id can be forged',
    }),
  );
export type Fingerprint = z.output<typeof Fingerprint>;

/** Writes a fingerprint as this package compares them: upper case, no spaces, no `0x`. */
export function normalizeFingerprint(text: string): string {
  return text.replace(/\s+/g, '').replace(/^0x/i, '').toUpperCase();
}
