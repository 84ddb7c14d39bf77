/**
 * Loads OpenPGP.js when it is first needed: it takes some 50 ms, and most programs that name an action never need it.
 * The one place that names the library.
 */
import type { Key, Subkey } from 'openpgp';

/** OpenPGP.js. */
export type OpenPgp = typeof import('openpgp');

let loading: Promise<OpenPgp> | undefined;

/** Gives the library. Call it early (and ignore the answer) to have it at hand when a signature comes. */
export function loadOpenPgp(): Promise<OpenPgp> {
  loading ??= import('openpgp');
  return loading;
}

/** The fingerprint of a key or subkey as this package compares them. */
export function fingerprintOf(key: Key | Subkey): string {
  return key.getFingerprint().toUpperCase();
}

/** A key as text, with the line ends of text files. */
export function armored(key: Key): string {
  return key.armor().replaceAll('\r\n', '\n');
}

/** No time at all, where the library takes it to mean that a signature counts whenever it was made. */
export const anyTime = null as unknown as Date;
