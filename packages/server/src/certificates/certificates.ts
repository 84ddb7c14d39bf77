/** The platform's certificates, in its data directory: the fleet's CA, and what it has issued to the platform. */
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { FleetName } from '@mig/action';
import { createAuthority, issuePlatform, issueServer, type KeyPair } from './issue.ts';

export interface Certificates {
  /** The fleet's CA, whose key signs agents' certificates. */
  readonly authority: KeyPair;
  /** Of API and broker: `cert` is the chain with the CA. */
  readonly server: KeyPair;
  /** With which the platform connects to the broker. */
  readonly platform: KeyPair;
}

/** A server's certificate is made anew when less than this of its life is left. */
const renewalMs = 30 * 86_400_000;

/** The CA in `directory`; undefined where there is none. Throws when it is of another fleet. */
export function findAuthority(directory: string, fleet: FleetName): KeyPair | undefined {
  const found = read(directory, 'ca');
  if (found !== undefined) requireFleet(found.cert, fleet, directory);
  return found;
}

/** Makes a CA of `fleet` in `directory`. */
export async function makeAuthority(directory: string, fleet: FleetName): Promise<KeyPair> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return save(directory, 'ca', await createAuthority(fleet));
}

/** Reads the platform's certificates in `directory`, and makes those that are missing, end soon, lack one of `names` or are of another CA. */
export async function loadCertificates(
  directory: string,
  {
    authority,
    fleet,
    names,
  }: { readonly authority: KeyPair; readonly fleet: FleetName; readonly names: readonly string[] },
): Promise<Certificates> {
  const all = [...new Set(['localhost', '127.0.0.1', '::1', hostname(), ...names])];
  const known = read(directory, 'server');
  const server =
    known !== undefined && isGood(known.cert, authority, all)
      ? known
      : save(directory, 'server', await issueServer(authority, fleet, all));
  const client = read(directory, 'platform');
  const platform =
    client !== undefined && isGood(client.cert, authority, [])
      ? client
      : save(directory, 'platform', await issuePlatform(authority, fleet));
  return { authority, platform, server: { key: server.key, cert: `${server.cert.trimEnd()}\n${authority.cert}` } };
}

function read(directory: string, name: string): KeyPair | undefined {
  const place = join(directory, name);
  if (!existsSync(`${place}.key`)) return undefined;
  return { cert: readFileSync(`${place}.crt`, 'utf8'), key: readFileSync(`${place}.key`, 'utf8') };
}

/** The key comes last: where it is, the certificate is as well. */
function save(directory: string, name: string, pair: KeyPair): KeyPair {
  write(join(directory, `${name}.crt`), pair.cert, 0o644);
  write(join(directory, `${name}.key`), pair.key, 0o600);
  return pair;
}

function write(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}

function isGood(pem: string, authority: KeyPair, names: readonly string[]): boolean {
  const [cert, ca] = [new X509Certificate(pem), new X509Certificate(authority.cert)];
  if (!cert.checkIssued(ca) || !cert.verify(ca.publicKey)) return false;
  if (Date.parse(cert.validTo) - Date.now() < renewalMs) return false;
  return names.every((name) => (isIP(name) ? cert.checkIP(name) : cert.checkHost(name)) !== undefined);
}

function requireFleet(pem: string, fleet: FleetName, directory: string): void {
  const { subject } = new X509Certificate(pem);
  if (subject.split('\n').includes(`O=${fleet}`)) return;
  throw new Error(
    `the CA in ${directory} is of another fleet (${subject.replaceAll('\n', ', ')}), and this is '${fleet}': set fleet as it was, or use another data directory`,
  );
}
