/**
 * Answers: which SSH keys lie on this endpoint, and which keys may log in to it?
 *
 * Walks home directories, or the paths given, and reads the files that look like keys. Returns fingerprints and paths,
 * never a key; asks for no passphrase and tries none; changes nothing.
 */
import { defineModule } from '@mig/module';
import { z } from 'zod';

const Parameters = z.strictObject({
  paths: z
    .array(z.string().min(1))
    .default([])
    .describe('A directory to walk, or a file; without any, the home directories.')
    .meta({ flag: 'path', hint: '<path>' }),
  maxdepth: z
    .int()
    .min(0)
    .max(1000)
    .default(8)
    .describe('Levels to go down from each path; 0 for no limit.')
    .meta({ hint: '<number>' }),
});
export type Parameters = z.output<typeof Parameters>;

const Key = z.strictObject({
  fingerprint_md5: z.string().describe('MD5 of the public key, as sixteen bytes with colons; empty when not known'),
  fingerprint_sha256: z.string().describe('SHA256 of the public key, as ssh-keygen writes it; empty when not known'),
  path: z.string().describe('Path of the file'),
  encrypted: z.boolean().describe('Whether a private key is protected by a passphrase'),
  type: z.enum(['private', 'public', 'authorizedkeys']).describe('What holds the key'),
});
export type Key = z.output<typeof Key>;

const Elements = z.strictObject({ keys: z.array(Key).describe('Keys, by path and by their order in the file') });
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({
  filescount: z.int().describe('Files that were read for keys'),
  totalhits: z.int().describe('Keys found'),
  exectime: z.string().describe('How long it took'),
});
export type Statistics = z.output<typeof Statistics>;

export const sshkey = defineModule({
  name: 'sshkey',
  summary: 'Finds SSH private keys, public keys and authorized keys, and returns their fingerprints.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: ['threads'],
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    { asks: 'Which keys lie in home directories, and which may log in?', flags: [] },
    { asks: 'Which host keys does the SSH server have?', flags: ['-path', '/etc/ssh', '-maxdepth', '1'] },
  ],

  async run(context) {
    const { findKeys } = await import('./find-keys.ts');
    return findKeys(context);
  },

  *printElements({ keys }) {
    for (const { path, type, encrypted, fingerprint_md5, fingerprint_sha256 } of keys) {
      const protection = type === 'private' ? ` encrypted=${encrypted}` : '';
      const [md5, sha256] = [fingerprint_md5, fingerprint_sha256].map((text) => text || 'unknown');
      yield `${path} [${type}]${protection} md5fp=${md5} sha256fp=${sha256}`;
    }
  },

  printStatistics: ({ filescount, totalhits, exectime }) => [
    `${filescount} files were read for keys, ${totalhits} keys were found, in ${exectime}`,
  ],

  enhancePrivacy: ({ keys }) => ({ keys: keys.map((key) => ({ ...key, path: 'masked' })) }),
});
