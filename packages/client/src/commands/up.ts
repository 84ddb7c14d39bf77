/** `mig up`: a platform and an agent on this machine, with one command. */
import type { Command } from './command.ts';
import { noWords, readWords } from './read-words.ts';

const kinds = { dir: 'value', listen: 'value', name: 'list', ask: 'switch' } as const;

export const up: Command = {
  names: ['up'],
  usage: 'mig up [-dir DIR] [-listen ADDRESS] [-name NAME …] [-ask]',
  summary: 'Runs a platform and an agent on this machine; makes at first use what they need.',
  options: kinds,
  help: [
    'mig up [-dir DIR] [-listen ADDRESS] [-name NAME …] [-ask]',
    '',
    'Makes, where they are missing: certificates, a signing key of yours, yourself as administrator, an agent of this',
    'machine that trusts your key, the configuration of mig. Starts server and agent, and stops both at ctrl-c.',
    '',
    '-dir     where all of it is kept; else ~/.local/share/mig/up',
    '-listen  an address for other machines, such as 0.0.0.0; else this machine alone reaches the platform. It is kept.',
    '-name    a name or address of this machine that others use, for the certificate; may be given again. It is kept.',
    '-ask     asks for the passphrase of a new key; else one is made by chance and kept in a file beside the key',
    '',
    'For a trial, or a small fleet. The database is the embedded one: a power cut may cost its last changes.',
    '',
    'Examples:',
    '  mig up',
    '  mig up -listen 0.0.0.0 -name mig.example.net',
    '  mig up -dir /tmp/trial --config /tmp/trial/config.toml',
  ],
  async run(words, terminal, { places }) {
    const { options, others } = readWords('up', words, kinds);
    noWords('up', others);
    const { dir: directory, listen, name: names, ask: asks } = options;
    const { runUp } = await import('../up/run-up.ts');
    return runUp({ directory, listen, names, asks }, places, terminal);
  },
};
