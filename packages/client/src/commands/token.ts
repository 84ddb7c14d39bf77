/** `mig token …`: enrolment tokens. */
import { parseExpiration, Uuid } from '@mig/action';
import { createEnrolmentToken, deleteEnrolmentToken, listEnrolmentTokens } from '@mig/api';
import { tableLines } from '../fleet/table.ts';
import { Misuse } from '../misuse.ts';
import type { Command } from './command.ts';
import { requireDuration } from './module-words.ts';
import { noWords, oneWord, readWords } from './read-words.ts';
import { withPlatform } from './with-platform.ts';

const createKinds = { name: 'value', tags: 'value', uses: 'value', expires: 'value' } as const;
const listKinds = { json: 'switch' } as const;

export const token: Command = {
  names: ['token'],
  usage: 'mig token create|list|delete',
  summary: 'Makes tokens with which agents enrol, lists them, ends them.',
  words: ['create', 'list', 'delete'],
  options: { ...createKinds, ...listKinds },
  help: [
    'mig token create [-name NAME] [-tags team=web,site=berlin] [-uses N] [-expires 7d]',
    'mig token list [-json]',
    'mig token delete ID',
    '',
    'Examples:',
    '  mig token create -tags team=web -uses 50 -expires 24h',
  ],
  async run([action = '', ...words], terminal, context) {
    if (action === 'create') {
      const { options, others } = readWords('token create', words, createKinds);
      noWords('token create', others);
      const body = {
        name: options.name ?? '',
        tags: readTags(options.tags ?? ''),
        uses: options.uses === undefined ? null : readUses(options.uses),
        ...(options.expires === undefined ? {} : { expiretime: endOf(options.expires) }),
      };
      return withPlatform(context, async (platform) => {
        const made = await platform.call(createEnrolmentToken, { body });
        terminal.print(made.token);
        terminal.remark(`token ${made.id}, good until ${made.expiretime}; it is shown this once`);
        return 0;
      });
    }
    if (action === 'delete') {
      const { others } = readWords('token delete', words, {});
      const id = Uuid.safeParse(oneWord('token delete', others, "a token's id"));
      if (!id.success) throw new Misuse("token delete: expected a token's id, mig token list has them");
      return withPlatform(context, async (platform) => {
        await platform.call(deleteEnrolmentToken, { params: { id: id.data } });
        terminal.remark(`token ${id.data} is no more; agents that enrolled with it stay`);
        return 0;
      });
    }
    if (action !== 'list')
      throw new Misuse(`token: expected create, list or delete, got ${action === '' ? 'nothing' : `'${action}'`}`);
    const { options, others } = readWords('token list', words, listKinds);
    noWords('token list', others);
    return withPlatform(context, async (platform) => {
      const all = await platform.call(listEnrolmentTokens);
      if (options.json) for (const one of all) terminal.print(JSON.stringify(one));
      else {
        const rows = all.map(({ id, name, tags, uses, usesleft, expiretime }) => [
          id,
          name,
          Object.entries(tags)
            .map(([key, value]) => `${key}=${value}`)
            .join(','),
          `${uses}, ${usesleft ?? 'any number'} left`,
          expiretime,
        ]);
        for (const line of tableLines(rows, ['ID', 'NAME', 'TAGS', 'USES', 'GOOD UNTIL'])) terminal.print(line);
      }
      return 0;
    });
  },
};

/** Reads `name=value,…`. Throws Misuse. */
export function readTags(text: string): Record<string, string> {
  const pairs = text === '' ? [] : text.split(',');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
      if (name === undefined || value === undefined) throw new Misuse(`-tags: expected name=value,…, got '${pair}'`);
      return [name.trim(), value.trim()];
    }),
  );
}

function readUses(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Misuse(`-uses: expected a number from 1, got '${text}'`);
}

function endOf(duration: string): string {
  return new Date(Date.now() + parseExpiration(requireDuration('-expires', duration))).toISOString();
}
