/** Debian's gpg in a home of its own, so that tests compare with another implementation of OpenPGP. For tests only. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A GnuPG with a keyring of its own. Keys have no passphrase unless `passphrase` is given to `run`. */
export interface Gnupg {
  /** Its home, for GNUPGHOME. */
  readonly home: string;
  /** Runs gpg and gives its status lines. Throws an Error with its complaints when it fails. */
  readonly run: (args: readonly string[], input?: string | Uint8Array) => string;
  /** Runs gpg and gives the data that it writes. */
  readonly write: (args: readonly string[], input?: string | Uint8Array) => Buffer;
  /** Makes a key (`ed25519`, `rsa2048`, …) and gives its fingerprint. `options` go before the command. */
  readonly createKey: (userId: string, algorithm?: string, expires?: string, options?: readonly string[]) => string;
  /** Adds a signing subkey and gives the subkey's fingerprint. */
  readonly addSubkey: (fingerprint: string) => string;
  /** Revokes a key with the certificate that gpg made along with it. */
  readonly revoke: (fingerprint: string) => void;
  /** The public key, armored. */
  readonly publicKey: (fingerprint: string) => string;
  /** A detached signature over `bytes`. `user` may end in `!` to name one subkey. */
  readonly sign: (bytes: Uint8Array, user: string, options?: readonly string[]) => Buffer;
  /** Whether gpg takes `signature` over `bytes`; gives the fingerprint of the key that it found. */
  readonly verify: (bytes: Uint8Array, signature: Uint8Array) => string;
  /** Ends gpg's own agent and removes the home. */
  readonly close: () => void;
}

/** Makes an empty home. Throws when gpg is not there. */
export function createGnupg(): Gnupg {
  const home = mkdtempSync(join(tmpdir(), 'mig-gpg-'));
  // Without it, the agent measures for seconds how slow it can make the opening of a key.
  writeFileSync(join(home, 'gpg-agent.conf'), 's2k-count 65536\n');
  const env = { PATH: process.env['PATH'], GNUPGHOME: home, LC_ALL: 'C.UTF-8' };
  const always = ['--batch', '--yes', '--no-tty', '--pinentry-mode', 'loopback'];
  const execute = (args: readonly string[], input?: string | Uint8Array) => {
    try {
      return execFileSync('gpg', args, {
        env,
        stdio: ['pipe', 'pipe', 'pipe'],
        ...(input === undefined ? {} : { input }),
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new Error('gpg is needed to compare with: install the Debian package gnupg', { cause: error });
    }
  };
  const write: Gnupg['write'] = (args, input) => execute([...always, ...args], input);
  const run: Gnupg['run'] = (args, input) => write(['--status-fd', '1', ...args], input).toString();

  return {
    home,
    run,
    write,
    createKey: (userId, algorithm = 'ed25519', expires = 'never', options = []) =>
      createdKey(run([...options, '--passphrase', '', '--quick-gen-key', userId, algorithm, 'sign', expires])),
    addSubkey: (fingerprint) => {
      run(['--passphrase', '', '--quick-add-key', fingerprint, 'ed25519', 'sign', 'never']);
      const listed = run(['--with-colons', '--list-keys', fingerprint]);
      return [...listed.matchAll(/^fpr:+([0-9A-F]{40}):/gm)].at(-1)![1]!;
    },
    revoke: (fingerprint) => {
      // gpg writes a colon before the armor, so that nobody uses the certificate by accident.
      const certificate = readFileSync(join(home, 'openpgp-revocs.d', `${fingerprint}.rev`), 'utf8');
      run(['--import'], certificate.replace(':-----BEGIN', '-----BEGIN'));
    },
    publicKey: (fingerprint) => write(['--armor', '--export', fingerprint]).toString(),
    sign: (bytes, user, options = []) => write([...options, '--local-user', user, '--detach-sign'], bytes),
    verify: (bytes, signature) => {
      const file = join(home, 'signature');
      writeFileSync(file, signature);
      const output = run(['--verify', file, '-'], bytes);
      return /VALIDSIG .* ([0-9A-F]{40})$/m.exec(output)![1]!;
    },
    close: () => {
      execFileSync('gpgconf', ['--kill', 'all'], { env });
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Gives the fingerprint of the key that the status lines of gpg tell of. */
export function createdKey(status: string): string {
  return /KEY_CREATED [PB] ([0-9A-F]{40})/.exec(status)![1]!;
}
