/** `mig init`: the first configuration. */
import { Misuse } from '../misuse.ts';
import type { Command } from './command.ts';
import { noWords, readWords } from './read-words.ts';

const kinds = { url: 'value', ca: 'value', 'ca-sha256': 'value', key: 'value', signer: 'value' } as const;

export const init: Command = {
  names: ['init'],
  usage: 'mig init [-url URL] [-key KEY]',
  summary: 'Makes the configuration, and asks for what it needs.',
  options: kinds,
  help: [
    'mig init [-url URL] [-ca FILE | -ca-sha256 HEX] [-key KEY] [-signer file|gpg]',
    '',
    "Without -ca, the platform's CA is fetched and shown, to be compared with what an administrator says.",
    '',
    'Examples:',
    '  mig init',
    '  mig init -url https://mig.example.net:8443 -ca ca.crt -key 1F2A',
    '  mig init -url https://mig.example.net:8443 -signer gpg -key 4C1E9C0A4D0B5A2B8B6D8A7B5C9E0F1A2B3C4D5E',
  ],
  async run(words, terminal, { places }) {
    const { options, others } = readWords('init', words, kinds);
    noWords('init', others);
    const { url, ca, key, signer } = options;
    if (signer !== undefined && signer !== 'file' && signer !== 'gpg') {
      throw new Misuse(`init: -signer: expected file or gpg, got '${signer}'`);
    }
    const { walkThrough } = await import('../init/walk-through.ts');
    await walkThrough(places, terminal, { url, ca, fingerprint: options['ca-sha256'], key, signer });
    return 0;
  },
};
