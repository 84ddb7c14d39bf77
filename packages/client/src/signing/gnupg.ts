/**
 * Signs through GnuPG as a child process, so that gpg-agent, its pinentry and smart cards do what they do. The private
 * key never comes near this process.
 */
import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { addSignature, type Envelope, Fingerprint, signedBytesOf } from '@mig/action';
import type { Settings } from '../settings/settings.ts';
import type { InvestigatorSigner } from './investigator-signer.ts';

/** A signer with the key that GnuPG knows as `settings.key`. Throws when it has no such secret key, or several. */
export async function signWithGnuPg(settings: Settings): Promise<InvestigatorSigner> {
  const { gpg, key, passphrase } = settings;
  const fingerprint = await fingerprintIn(gpg, key);
  const unattended =
    passphrase.file === '' ? [] : ['--batch', '--pinentry-mode', 'loopback', '--passphrase-file', passphrase.file];
  return {
    fingerprint,
    async sign(envelope: Envelope) {
      const words = [...unattended, '--local-user', fingerprint, '--digest-algo', 'SHA512', '--detach-sign'];
      return addSignature(envelope, await runGnuPg(gpg, words, signedBytesOf(envelope)));
    },
  };
}

async function fingerprintIn(gpg: string, key: string): Promise<string> {
  const listing = await runGnuPg(gpg, ['--batch', '--with-colons', '--list-secret-keys', ...(key === '' ? [] : [key])]);
  const lines = new TextDecoder().decode(listing).split('\n');
  const primary = lines.flatMap((line, i) => (line.startsWith('sec') ? [lines[i + 1]!.split(':')[9]!] : []));
  if (primary.length === 1) return Fingerprint.parse(primary[0]);
  throw new Error(
    `expected 'key' to name one secret key of GnuPG, '${key}' names ${primary.length}: set a fingerprint of gpg --list-secret-keys`,
  );
}

function runGnuPg(gpg: string, words: readonly string[], input: Uint8Array = new Uint8Array()): Promise<Uint8Array> {
  const env = { ...process.env, GPG_TTY: process.env['GPG_TTY'] ?? terminalName() };
  const child = spawn(gpg, [...words], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => void output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stdin.on('error', () => {
    // It ended before it read all: its exit status says why.
  });
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => {
      reject(new Error(`${gpg} cannot be started: ${cause.message}: install GnuPG, or set 'gpg'`, { cause }));
    });
    child.on('close', (status) => {
      if (status === 0) resolve(new Uint8Array(Buffer.concat(output)));
      else reject(new Error(`${gpg} ended with exit status ${status}: ${said.trim().replaceAll('\n', '; ')}`));
    });
  });
}

/** The terminal that pinentry is to ask at. */
function terminalName(): string | undefined {
  try {
    const name = readlinkSync('/proc/self/fd/0');
    return name.startsWith('/dev/') && process.stdin.isTTY ? name : undefined;
  } catch {
    return undefined;
  }
}
