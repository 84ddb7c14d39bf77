/**
 * Public keys as SSH writes them on the wire (RFC 4253, section 6.6; RFC 5656; RFC 8709; OpenSSH's PROTOCOL.u2f and
 * PROTOCOL.certkeys): a type and its fields, each a length of four bytes and that many bytes.
 */
import { createHash } from 'node:crypto';

/** How many fields follow the type. */
const fieldCounts: Readonly<Record<string, number>> = {
  'ssh-rsa': 2,
  'ssh-dss': 4,
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};
/** How the types of certificates end. */
const certificateMark = '-cert-v01@openssh.com';

export const keyTypes: readonly string[] = Object.keys(fieldCounts);

/** Fingerprints as `ssh-keygen -l` prints them; the MD5 without its prefix. */
export interface Fingerprints {
  readonly fingerprint_md5: string;
  readonly fingerprint_sha256: string;
}

export const noFingerprints: Fingerprints = { fingerprint_md5: '', fingerprint_sha256: '' };

/** Gives the fingerprints of the key in `blob`, of a certificate those of the key it certifies; undefined if it is none. */
export function fingerprintsOf(blob: Buffer): Fingerprints | undefined {
  const key = plainKey(blob);
  if (key === undefined) return undefined;
  const md5 = createHash('md5').update(key).digest('hex').match(/../g)!.join(':');
  const sha256 = createHash('sha256').update(key).digest('base64').replace(/=+$/, '');
  return { fingerprint_md5: md5, fingerprint_sha256: `SHA256:${sha256}` };
}

/** The type that `blob` says it is. */
export function typeOf(blob: Buffer): string | undefined {
  return new Reader(blob).string()?.toString('latin1');
}

/** `blob` itself when it is a key, the key in it when it is a certificate. */
function plainKey(blob: Buffer): Buffer | undefined {
  const reader = new Reader(blob);
  const type = reader.string()?.toString('latin1');
  if (type === undefined) return undefined;
  if (fieldCounts[type] !== undefined) return reader.skip(fieldCounts[type]) && reader.isAtEnd ? blob : undefined;
  const name = certifiedType(type);
  if (name === undefined || reader.string() === undefined) return undefined; // The field before the key is a nonce.
  const start = reader.at;
  const isWhole = reader.skip(fieldCounts[name]!);
  return isWhole ? Buffer.concat([field(Buffer.from(name)), blob.subarray(start, reader.at)]) : undefined;
}

/** The type of the key in a certificate of `type`; undefined when that is no type of certificate. */
function certifiedType(type: string): string | undefined {
  if (!type.endsWith(certificateMark)) return undefined;
  const name = type.slice(0, -certificateMark.length);
  return [name, `${name}@openssh.com`].find((candidate) => fieldCounts[candidate] !== undefined);
}

/** Bytes with their length before them. */
export function field(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A number that is not negative, most significant byte first, as a field: no zeros before it but for the sign. */
export function numberField(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  return field((digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

/** Reads fields one after the other. */
export class Reader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at === this.#bytes.length;
  }

  /** The next four bytes as a number; undefined when there are not as many. */
  number(): number | undefined {
    if (this.at + 4 > this.#bytes.length) return undefined;
    this.at += 4;
    return this.#bytes.readUInt32BE(this.at - 4);
  }

  /** The next field; undefined when it does not fit. */
  string(): Buffer | undefined {
    const length = this.number();
    if (length === undefined || this.at + length > this.#bytes.length) return undefined;
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  /** Passes over `count` fields; false when there are not as many. */
  skip(count: number): boolean {
    for (let i = 0; i < count; i++) if (this.string() === undefined) return false;
    return true;
  }
}
