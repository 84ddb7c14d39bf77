/**
 * `mig agent-package`: what goes to endpoints, in one directory: configuration, enrolment token, keys, access list.
 *
 * Keys come from the operator's own files and never from the platform: an endpoint must be able to trust nobody else.
 */
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { parseExpiration } from '@mig/action';
import { createEnrolmentToken } from '@mig/api';
import { prepareAgentDirectory } from '../fleet/agent-directory.ts';
import { findKeyFile } from '../keys/key-files.ts';
import { Misuse } from '../misuse.ts';
import type { Command, Context } from './command.ts';
import { requireDuration } from './module-words.ts';
import { noWords, readWords } from './read-words.ts';
import { readTags } from './token.ts';
import { withPlatform } from './with-platform.ts';

const kinds = { out: 'value', key: 'list', tags: 'value', expires: 'value', server: 'value' } as const;

export const agentPackage: Command = {
  names: ['agent-package'],
  usage: 'mig agent-package -out DIR [-key FILE.asc …]',
  summary: 'Makes the configuration directory of new agents, for a roll-out.',
  options: kinds,
  help: [
    'mig agent-package -out DIR [-key FILE.asc …] [-tags team=web] [-expires 7d] [-server URL]',
    '',
    'DIR must not be there yet; its content goes to /etc/mig of the endpoints. The signature of any one of the keys',
    'will allow every module: edit acl.json for more. Without -key, it is your own key file. -server is where the',
    'endpoints reach the platform; without it, where you do.',
    '',
    'Examples:',
    '  mig agent-package -out web -key dana.asc -key erin.asc -tags team=web -expires 24h',
    '  mig agent-package -out web -server https://mig.example.net:8443',
  ],
  async run(words, terminal, context) {
    const { options, others } = readWords('agent-package', words, kinds);
    noWords('agent-package', others);
    const { out } = options;
    if (out === undefined) throw new Misuse('agent-package: expected -out DIR');
    const given = options.server === undefined ? undefined : readServer(options.server);
    const lasts = parseExpiration(requireDuration('-expires', options.expires ?? '7d'));
    const tags = readTags(options.tags ?? '');
    return withPlatform(context, async (platform) => {
      const server = given ?? reachable(platform.url);
      const directory = await prepareAgentDirectory(await publicKeys(options.key, context));
      mkdirSync(out, { mode: 0o700 });
      const expiretime = new Date(Date.now() + lasts).toISOString();
      const body = { name: out.slice(-255), tags, expiretime };
      const { token } = await platform.call(createEnrolmentToken, { body }).catch((error: unknown) => {
        rmdirSync(out);
        throw error;
      });
      directory.write({ directory: out, server, token });
      terminal.print(out);
      terminal.remark(`copy it to /etc/mig of the endpoints, and start mig-agent there before ${expiretime}`);
      return 0;
    });
  },
};

function readServer(url: string): string {
  const { protocol, origin } = URL.canParse(url) ? new URL(url) : {};
  if (protocol !== 'https:') {
    throw new Misuse(`agent-package: -server: expected a URL such as https://mig.example.net:8443, got '${url}'`);
  }
  return origin!;
}

/** Where we reach the platform, if others do. Whoever gives an address means it: another agent on this machine, say. */
function reachable(url: string): string {
  if (!/^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname)) return readServer(url);
  throw new Misuse(
    `agent-package: other machines do not reach ${url}: expected -server URL, as in -server https://mig.example.net:8443`,
  );
}

async function publicKeys(files: readonly string[], { places, settings }: Context): Promise<string[]> {
  if (files.length > 0) return files.map((file) => readFileSync(file, 'utf8'));
  const { signer, key } = settings();
  if (signer === 'gpg') throw new Misuse('agent-package: expected -key FILE.asc, made by gpg --armor --export');
  return [(await findKeyFile(places, key)).publicKey];
}
