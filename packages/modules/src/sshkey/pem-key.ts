/** Keys in blocks: OpenSSH's own format (PROTOCOL.key), PEM with PKCS#1, PKCS#8 and SEC1 (RFC 7468, 8017, 5208, 5915), RFC 4716. */
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { type Fingerprints, field, fingerprintsOf, noFingerprints, numberField, Reader } from './key-blob.ts';

/** A block of lines between its marks. */
export interface Block {
  /** `RSA PRIVATE KEY`, say. */
  readonly label: string;
  /** All of it, marks included. */
  readonly text: string;
  /** What stands between the marks: headers, and base64. */
  readonly body: string;
}

/** What a block holds. */
export interface BlockKey extends Fingerprints {
  readonly isPrivate: boolean;
  readonly isEncrypted: boolean;
}

const block =
  /^(-----BEGIN ([A-Z0-9 ]{1,40})-----|---- BEGIN (SSH2 PUBLIC KEY) ----)[ \t]*\r?\n([\s\S]*?)^(?:-----END \2-----|---- END \3 ----)/gm;

/** The blocks in `text` that may hold a key, in order. */
export function keyBlocks(text: string): Block[] {
  return [...text.matchAll(block)]
    .map(([all, , label, other, body]) => ({ label: (label ?? other)!, text: all, body: body! }))
    .filter(({ label }) => /(^| )(PRIVATE|PUBLIC) KEY$/.test(label));
}

/** Reads a block. Undefined for a key that SSH has no use for (X25519, say). Throws an Error that says what is wrong. */
export function readBlock({ label, text, body }: Block): BlockKey | undefined {
  switch (label) {
    case 'OPENSSH PRIVATE KEY':
      return readOpenSsh(Buffer.from(body, 'base64'));
    case 'SSH2 PUBLIC KEY':
      return publicKey(fingerprintsOf(Buffer.from(withoutHeaders(body), 'base64')));
    case 'ENCRYPTED PRIVATE KEY':
      return { ...noFingerprints, isPrivate: true, isEncrypted: true };
    case 'PRIVATE KEY':
    case 'RSA PRIVATE KEY':
    case 'DSA PRIVATE KEY':
    case 'EC PRIVATE KEY': {
      if (/^Proc-Type: *4,ENCRYPTED/m.test(body)) return { ...noFingerprints, isPrivate: true, isEncrypted: true };
      const fingerprints = fingerprintsOfKey(createPublicKey(createPrivateKey(text)));
      return fingerprints === undefined ? undefined : { ...fingerprints, isPrivate: true, isEncrypted: false };
    }
    case 'PUBLIC KEY':
    case 'RSA PUBLIC KEY':
      return publicKey(fingerprintsOfKey(createPublicKey(text)));
    default:
      return undefined;
  }
}

function publicKey(fingerprints: Fingerprints | undefined): BlockKey | undefined {
  return fingerprints === undefined ? undefined : { ...fingerprints, isPrivate: false, isEncrypted: false };
}

/** RFC 4716, section 3.3: `Name: value`, a value goes on behind a backslash. */
function withoutHeaders(body: string): string {
  return body.replace(/^[^:\s]+:(?:.*\\\r?\n)*.*$/gm, '');
}

/** The public part stands before the private one, readable also when that is encrypted. */
function readOpenSsh(bytes: Buffer): BlockKey {
  const magic = 'openssh-key-v1\0';
  if (bytes.subarray(0, magic.length).toString('latin1') !== magic)
    throw new Error(`it does not begin with ${magic.slice(0, -1)}`);
  const reader = new Reader(bytes.subarray(magic.length));
  const cipher = reader.string()?.toString('latin1');
  if (cipher === undefined || !reader.skip(2)) throw new Error('it is cut short');
  const count = reader.number();
  const blob = count === 1 ? reader.string() : undefined;
  const fingerprints = blob === undefined ? undefined : fingerprintsOf(blob);
  if (fingerprints === undefined || reader.string() === undefined)
    throw new Error('its public part is none that is known');
  return { ...fingerprints, isPrivate: true, isEncrypted: cipher !== 'none' };
}

const curves: Readonly<Record<string, string>> = { 'P-256': 'nistp256', 'P-384': 'nistp384', 'P-521': 'nistp521' };

function fingerprintsOfKey(key: KeyObject): Fingerprints | undefined {
  switch (key.asymmetricKeyType) {
    case 'rsa': {
      const { n, e } = key.export({ format: 'jwk' });
      return fingerprintsOf(
        Buffer.concat([field(Buffer.from('ssh-rsa')), numberField(bytesOf(e)), numberField(bytesOf(n))]),
      );
    }
    case 'dsa':
      return fingerprintsOf(Buffer.concat([field(Buffer.from('ssh-dss')), ...dsaNumbers(key).map(numberField)]));
    case 'ec':
      return ecFingerprints(key);
    case 'ed25519': {
      const { x } = key.export({ format: 'jwk' });
      return fingerprintsOf(Buffer.concat([field(Buffer.from('ssh-ed25519')), field(bytesOf(x))]));
    }
    default:
      return undefined;
  }
}

function ecFingerprints(key: KeyObject): Fingerprints | undefined {
  if (!['prime256v1', 'secp384r1', 'secp521r1'].includes(key.asymmetricKeyDetails?.namedCurve ?? '')) return undefined;
  const { crv, x, y }: JsonWebKey = key.export({ format: 'jwk' });
  const curve = curves[crv ?? ''];
  if (curve === undefined) return undefined;
  const point = Buffer.concat([Buffer.from([4]), bytesOf(x), bytesOf(y)]);
  const fields = [`ecdsa-sha2-${curve}`, curve].map((text) => field(Buffer.from(text)));
  return fingerprintsOf(Buffer.concat([...fields, field(point)]));
}

function bytesOf(base64url: string | undefined): Buffer {
  return Buffer.from(base64url ?? '', 'base64url');
}

/** p, q, g and y, from SubjectPublicKeyInfo (RFC 3279, section 2.3.2): there is no JWK for DSA. */
function dsaNumbers(key: KeyObject): Buffer[] {
  const { inside } = readDer(key.export({ type: 'spki', format: 'der' }));
  const algorithm = readDer(inside);
  const identifier = readDer(algorithm.inside);
  const numbers: Buffer[] = [];
  for (let rest = readDer(identifier.rest).inside; rest.length > 0; ) {
    const number = readDer(rest);
    numbers.push(number.inside);
    rest = number.rest;
  }
  // The key stands in a string of bits, behind the number of bits that are not used.
  return [...numbers, readDer(readDer(algorithm.rest).inside.subarray(1)).inside];
}

/** One value in DER (X.690, section 8.1): its content, and what follows it. */
function readDer(bytes: Buffer): { readonly inside: Buffer; readonly rest: Buffer } {
  let length = bytes[1] ?? 0;
  let start = 2;
  if (length >= 0x80) {
    const width = length & 0x7f;
    length = bytes.readUIntBE(2, width);
    start += width;
  }
  return { inside: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) };
}
