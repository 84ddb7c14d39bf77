/** `mig apikey …`: keys with which programs log in, instead of signing a challenge. */
import { parseExpiration, Uuid } from '@mig/action';
import { createApiKey, deleteApiKey, getSelf, listApiKeys } from '@mig/api';
import { tableLines } from '../fleet/table.ts';
import { Misuse } from '../misuse.ts';
import type { Platform } from '../platform/platform.ts';
import type { Command } from './command.ts';
import { findInvestigator } from './investigators.ts';
import { requireDuration } from './module-words.ts';
import { noWords, oneWord, readWords } from './read-words.ts';
import { withPlatform } from './with-platform.ts';

const kinds = { expires: 'value', of: 'value', json: 'switch' } as const;

export const apiKey: Command = {
  names: ['apikey', 'apikeys'],
  usage: 'mig apikey create|list|delete',
  summary: 'Makes API keys for programs, lists them, ends them.',
  words: ['create', 'list', 'delete'],
  options: kinds,
  help: [
    'mig apikey create NAME [-expires 30d] [-of WHO]   makes a key, which is printed this once',
    'mig apikey list [-of WHO] [-json]                 lists yours; administrators: those of an investigator',
    'mig apikey delete ID [-of WHO]                    ends one',
    '',
    'A program that has the key asks as its investigator (MIG_APIKEY). It cannot sign: a launch needs a signing key.',
    '',
    'Examples:',
    '  mig apikey create dashboard -expires 30d',
    '  MIG_APIKEY=$(cat key) mig agents -json',
  ],
  async run([verb = '', ...words], terminal, context) {
    if (!['create', 'list', 'delete'].includes(verb)) {
      throw new Misuse(`apikey: expected create, list or delete, got ${verb === '' ? 'nothing' : `'${verb}'`}`);
    }
    const { options, others } = readWords(`apikey ${verb}`, words, kinds);
    if (verb === 'create') {
      const name = oneWord('apikey create', others, 'a name for the key');
      const lastsMs =
        options.expires === undefined ? undefined : parseExpiration(requireDuration('-expires', options.expires));
      const expiretime = lastsMs === undefined ? {} : { expiretime: new Date(Date.now() + lastsMs).toISOString() };
      return withPlatform(context, async (platform) => {
        const id = await holderOf(platform, options.of);
        const made = await platform.call(createApiKey, { params: { id }, body: { name, ...expiretime } });
        terminal.print(made.key);
        terminal.remark(`API key ${made.id}, ${untilOf(made.expiretime)}; it is shown this once`);
        return 0;
      });
    }
    if (verb === 'delete') {
      const keyid = Uuid.safeParse(oneWord('apikey delete', others, "an API key's id"));
      if (!keyid.success) throw new Misuse("apikey delete: expected an API key's id, mig apikey list has them");
      return withPlatform(context, async (platform) => {
        const id = await holderOf(platform, options.of);
        await platform.call(deleteApiKey, { params: { id, keyid: keyid.data } });
        terminal.remark(`API key ${keyid.data} is no more`);
        return 0;
      });
    }
    noWords('apikey list', others);
    return withPlatform(context, async (platform) => {
      const keys = await platform.call(listApiKeys, { params: { id: await holderOf(platform, options.of) } });
      if (options.json) for (const one of keys) terminal.print(JSON.stringify(one));
      else {
        const rows = keys.map((one) => [
          one.id,
          one.name,
          one.createtime,
          one.lastusedtime ?? 'never',
          untilOf(one.expiretime),
        ]);
        for (const line of tableLines(rows, ['ID', 'NAME', 'MADE', 'LAST USED', 'GOOD'])) terminal.print(line);
        if (keys.length === 0) terminal.remark('there are no API keys');
      }
      return 0;
    });
  },
};

/** Whose key it is: the investigator that `who` fits, else the one who asks. */
async function holderOf(platform: Platform, who: string | undefined): Promise<string> {
  return who === undefined ? (await platform.call(getSelf)).id : (await findInvestigator(platform, who)).id;
}

function untilOf(expiretime: string | null): string {
  return expiretime === null ? 'until it is deleted' : `until ${expiretime}`;
}
