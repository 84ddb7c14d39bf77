/** `mig key …`: the investigator's own keys. */
import { readFileSync, writeFileSync } from 'node:fs';
import { ActionError, parseExpiration } from '@mig/action';
import { printable } from '@mig/module';
import { findKeyFile, keepKey, listKeyFiles } from '../keys/key-files.ts';
import { makeKey, whatWithKey } from '../keys/make-key.ts';
import { newPassphrase, readPassphraseFile } from '../keys/passphrase.ts';
import { Misuse } from '../misuse.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Command, Context } from './command.ts';
import { noWords, oneWord, readWords } from './read-words.ts';

const createKinds = { name: 'value', email: 'value', expires: 'value' } as const;
const exportKinds = { out: 'value' } as const;
const listKinds = { json: 'switch' } as const;

export const key: Command = {
  names: ['key'],
  usage: 'mig key create|import|export|list',
  summary: 'Makes and keeps the keys that you sign with.',
  words: ['create', 'import', 'export', 'list'],
  options: { ...createKinds, ...exportKinds, ...listKinds },
  help: [
    'mig key create -name NAME [-email ADDRESS] [-expires 365d]   makes a key, protected by a passphrase',
    'mig key import FILE        takes a secret key that GnuPG exported, with its passphrase as it is',
    'mig key export [KEY]       prints the public key, for administrators and endpoints',
    'mig key list [-json]       lists the keys',
    '',
    'Examples:',
    "  mig key create -name 'Dana Reyes' -email dana@example.net",
    '  gpg --export-secret-keys --armor dana@example.net > dana.key && mig key import dana.key',
    '  mig key export > dana.asc',
  ],
  async run([action = '', ...words], terminal, context) {
    const run = { create, import: importKey, export: exportKey, list }[action];
    if (run === undefined) throw new Misuse(`key: expected create, import, export or list, got '${action}'`);
    return run(words, terminal, context);
  },
};

async function create(words: readonly string[], terminal: Terminal, context: Context): Promise<number> {
  const { options, others } = readWords('key create', words, createKinds);
  noWords('key create', others);
  const { name, email, expires } = options;
  if (name === undefined) throw new Misuse("key create: expected your name, as in -name 'Dana Reyes'");
  const expiresAfterMs = expires === undefined ? undefined : parseExpiration(expires, 'key create: -expires');
  const { file: kept } = context.settings().passphrase;
  const passphrase = kept === '' ? await newPassphrase() : readPassphraseFile(kept);
  const made = await makeKey(context.places, { name, email, passphrase, expiresAfterMs });
  terminal.print(made.key.fingerprint);
  for (const line of whatWithKey(made)) terminal.remark(line);
  return 0;
}

async function importKey(words: readonly string[], terminal: Terminal, { places }: Context): Promise<number> {
  const { others } = readWords('key import', words, {});
  const file = oneWord('key import', others, 'a file with a secret key');
  const kept = await keepKey(places, readFileSync(file, 'utf8')).catch((error: unknown) => {
    if (!(error instanceof ActionError)) throw error;
    const wayout = 'gpg --armor --export-secret-keys FINGERPRINT writes one.';
    throw new Error(`${file}: expected a secret key of OpenPGP: ${error.message}; ${wayout}`, { cause: error });
  });
  terminal.print(kept.fingerprint);
  terminal.remark(`the key of ${printable(kept.userids.join(', '))} is in ${kept.file}`);
  return 0;
}

async function exportKey(words: readonly string[], terminal: Terminal, context: Context): Promise<number> {
  const { options, others } = readWords('key export', words, exportKinds);
  const wanted = others.length === 0 ? context.settings().key : oneWord('key export', others, 'one key');
  const { publicKey } = await findKeyFile(context.places, wanted);
  if (options.out === undefined) terminal.print(publicKey.trimEnd());
  else writeFileSync(options.out, publicKey);
  return 0;
}

async function list(words: readonly string[], terminal: Terminal, { places }: Context): Promise<number> {
  const { options, others } = readWords('key list', words, listKinds);
  noWords('key list', others);
  const keys = await listKeyFiles(places);
  if (options.json) {
    terminal.print(JSON.stringify(keys.map(({ fingerprint, userids, file }) => ({ fingerprint, userids, file }))));
    return 0;
  }
  for (const { fingerprint, userids } of keys) terminal.print(`${fingerprint}  ${printable(userids.join(', '))}`);
  if (keys.length === 0) terminal.remark(`no key in ${places.keys}: mig key create, or mig key import FILE`);
  return 0;
}
