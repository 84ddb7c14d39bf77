/** Reads one detached OpenPGP signature, as gpg or OpenPGP.js wrote it: binary or armored. */
import type { SignaturePacket } from 'openpgp';
import { actionError } from '../errors/refusal.ts';
import { armoredBlocks } from '../keyring/armor.ts';
import { loadOpenPgp } from '../keyring/openpgp.ts';
import { longestSignatureBytes } from '../text/limits.ts';

/**
 * Gives the signature packets in `content`, one or more; gpg writes several when it is given several keys. Throws
 * SIGNATURE_MALFORMED for anything else; `number` is the signature's place in the envelope, from 1.
 */
export async function readSignatures(content: Uint8Array, number: number): Promise<readonly SignaturePacket[]> {
  const openpgp = await loadOpenPgp();
  const fail = (detail: string, cause?: unknown) => actionError('SIGNATURE_MALFORMED', { number, detail }, { cause });
  if (content.length > longestSignatureBytes * 2) throw fail(`it is ${content.length} bytes`);
  let packets: readonly unknown[];
  try {
    // A packet begins with its highest bit set (RFC 9580, section 4.2); armor is text.
    if ((content[0] ?? 0) >= 0x80) packets = (await openpgp.readSignature({ binarySignature: content })).packets;
    else {
      const [armoredSignature, ...others] = armoredBlocks(new TextDecoder().decode(content));
      if (armoredSignature === undefined || others.length > 0) throw new Error('it is no OpenPGP signature');
      packets = (await openpgp.readSignature({ armoredSignature })).packets;
    }
  } catch (cause) {
    throw fail((cause as Error).message, cause);
  }
  const signatures = packets.filter((packet) => packet instanceof openpgp.SignaturePacket);
  if (signatures.length === 0 || signatures.length !== packets.length)
    throw fail('it is of a version that is not read');
  return signatures;
}

/** Reads exactly one signature. Throws SIGNATURE_MALFORMED. */
export async function readOneSignature(content: Uint8Array, number: number): Promise<SignaturePacket> {
  const [signature, ...others] = await readSignatures(content, number);
  if (signature !== undefined && others.length === 0) return signature;
  throw actionError('SIGNATURE_MALFORMED', { number, detail: `expected one signature, got ${others.length + 1}` });
}
