/** Finds the keys in a file by what it holds. */
import { basename } from 'node:path';
import { noFingerprints } from './key-blob.ts';
import { readKeyLine } from './key-line.ts';
import { type BlockKey, keyBlocks, readBlock } from './pem-key.ts';
import type { Key } from './sshkey.ts';

/** The keys of one file, in its order, and what looked like one and is none. */
export interface KeysInFile {
  readonly keys: readonly Omit<Key, 'path'>[];
  readonly problems: readonly string[];
}

/** Lines that should hold a key: an unreadable one is worth a word. */
const looksLikeKey =
  /(?:^|[\s",])(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d{3}|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256))(?:-cert-v01)?(?:@openssh\.com)?[ \t]+AAAA/;

/** A line of known_hosts: a marker, hosts or a hashed host, before the key. */
const knownHost = /^\s*(?:@(?:cert-authority|revoked)\s|\|1\||[^\s="]+\s+(?:ssh-|ecdsa-|sk-))/;

export function keysIn(path: string, text: string): KeysInFile {
  const problems: string[] = [];
  const blocks = keyBlocks(text);
  const fromBlocks = blocks.flatMap((block) => {
    try {
      const key = readBlock(block);
      return key === undefined ? [] : [fromBlock(key)];
    } catch (error) {
      problems.push(`its ${block.label} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  const rest = blocks.reduce((left, block) => left.replace(block.text, () => ''), text);
  return { keys: [...fromBlocks, ...keysInLines(path, rest, problems)], problems };
}

function fromBlock({ isPrivate, isEncrypted, fingerprint_md5, fingerprint_sha256 }: BlockKey): Omit<Key, 'path'> {
  return { fingerprint_md5, fingerprint_sha256, encrypted: isEncrypted, type: isPrivate ? 'private' : 'public' };
}

function keysInLines(path: string, text: string, problems: string[]): Omit<Key, 'path'>[] {
  const lines = text.split(/\r\n|\n|\r/);
  const found = lines.flatMap((line, i) => {
    const key = readKeyLine(line);
    if (key !== undefined) return [key];
    if (looksLikeKey.test(line) && !line.trim().startsWith('#') && !knownHost.test(line)) {
      problems.push(`line ${i + 1} looks like a key and is none`);
    }
    return [];
  });
  const type = isAuthorizedKeys(path, found) ? 'authorizedkeys' : 'public';
  return found.map(({ fingerprint_md5, fingerprint_sha256 }) => ({
    fingerprint_md5,
    fingerprint_sha256,
    encrypted: false,
    type,
  }));
}

/** One plain key alone may be either: then the name tells. Options, or several keys, are what sshd reads. */
function isAuthorizedKeys(path: string, found: readonly { readonly hasOptions: boolean }[]): boolean {
  if (found.some(({ hasOptions }) => hasOptions)) return true;
  if (/(^|[\\/])authorized_keys/.test(path)) return true;
  return found.length > 1 && !basename(path).endsWith('.pub');
}

/** The first public key in `text`, for the encrypted private key beside it. */
export function fingerprintsBeside(text: string) {
  for (const line of text.split(/\r\n|\n|\r/)) {
    const key = readKeyLine(line);
    if (key !== undefined) return { fingerprint_md5: key.fingerprint_md5, fingerprint_sha256: key.fingerprint_sha256 };
  }
  return noFingerprints;
}
