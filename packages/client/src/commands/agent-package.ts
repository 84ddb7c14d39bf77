/**
 * `mig agent-package`: what goes to endpoints, in one directory: configuration, enrolment token, keys, access list.
 *
 * Keys come from the operator's own files and never from the platform: an endpoint must be able to trust nobody else.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeKeys, exportKey, parseAcl, parseExpiration, readKeyring } from '@mig/action';
import { createEnrolmentToken } from '@mig/api';
import { findKeyFile } from '../keys/key-files.ts';
import { Misuse } from '../misuse.ts';
import { writePrivateFile } from '../settings/private-file.ts';
import type { Command, Context } from './command.ts';
import { noWords, readWords } from './read-words.ts';
import { readTags } from './token.ts';
import { withPlatform } from './with-platform.ts';

export const agentPackage: Command = {
  names: ['agent-package'],
  usage: 'mig agent-package -out DIR [-key FILE.asc …]',
  summary: 'Makes the configuration directory of new agents, for a roll-out.',
  words: ['-out', '-key', '-tags', '-expires'],
  help: [
    'mig agent-package -out DIR [-key FILE.asc …] [-tags team=web] [-expires 168h]',
    '',
    'DIR must not be there yet; its content goes to /etc/mig of the endpoints. The signature of any one of the keys',
    'will allow every module: edit acl.json for more. Without -key, it is your own key file.',
    '',
    'Examples:',
    '  mig agent-package -out web -key dana.asc -key erin.asc -tags team=web -expires 24h',
  ],
  run: (words, terminal, context) =>
    withPlatform(context, async (platform) => {
      const kinds = { out: 'value', key: 'list', tags: 'value', expires: 'value' } as const;
      const { options, others } = readWords('agent-package', words, kinds);
      noWords('agent-package', others);
      const { out } = options;
      if (out === undefined) throw new Misuse('agent-package: expected -out DIR');
      const keyring = await readKeyring(await publicKeys(options.key, context));
      const keys = await describeKeys(keyring, new Date());
      const bad = keys.find(({ unusable }) => unusable !== null);
      if (bad?.unusable) throw new Error(`${bad.unusable.message}: no package was made`);
      const investigators = Object.fromEntries(
        keys.map(({ fingerprint, userids }) => [
          `${userids[0] ?? 'key'} ${fingerprint.slice(-8)}`,
          { fingerprint, weight: 1 },
        ]),
      );
      const acl = JSON.stringify({ default: { minimumweight: 1, investigators } }, null, 2);
      parseAcl(acl);
      const lasts = parseExpiration(options.expires ?? '168h', '-expires');
      mkdirSync(out, { mode: 0o700 });
      const expiretime = new Date(Date.now() + lasts).toISOString();
      const body = { name: out.slice(-255), tags: readTags(options.tags ?? ''), expiretime };
      const { token } = await platform.call(createEnrolmentToken, { body });
      mkdirSync(join(out, 'keys'));
      for (const { fingerprint } of keys) {
        writeFileSync(join(out, 'keys', `${fingerprint}.asc`), exportKey(keyring, fingerprint));
      }
      writeFileSync(join(out, 'acl.json'), `${acl}\n`);
      writePrivateFile(join(out, 'token'), `${token}\n`);
      const toml = `[enrolment]\nserver = ${JSON.stringify(platform.url)}\ntokenfile = "/etc/mig/token"\n`;
      writeFileSync(join(out, 'mig-agent.toml'), toml);
      terminal.print(out);
      terminal.remark(`copy it to /etc/mig of the endpoints, and start mig-agent there before ${expiretime}`);
      return 0;
    }),
};

async function publicKeys(files: readonly string[], { places, settings }: Context): Promise<string[]> {
  if (files.length > 0) return files.map((file) => readFileSync(file, 'utf8'));
  const { signer, key } = settings();
  if (signer === 'gpg') throw new Misuse('agent-package: expected -key FILE.asc, made by gpg --armor --export');
  return [(await findKeyFile(places, key)).publicKey];
}
