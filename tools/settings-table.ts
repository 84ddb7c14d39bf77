/** Writes the table of settings into a page of the documentation, between two comments. */
import { readFileSync } from 'node:fs';
import { describeKeys } from '@mig/configuration';
import type { z } from 'zod';

const begin = '<!-- settings: written by npm run generate -->\n';
const end = '<!-- end of settings -->';

/** Gives the text of `page` with the keys of `schema` in its table. Throws when the page has no place for it. */
export function withSettings(page: string, schema: z.ZodObject): string {
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`${page}: expected the comments '${begin.trim()}' and '${end}'`);
  const rows = describeKeys(schema).map(
    ({ key, variable, description, standard }) =>
      `| \`${key}\` | ${standard === '' ? '' : `\`${standard}\``} | ${description.replaceAll('|', '\\|')} | \`${variable}\` |\n`,
  );
  const table = `| key | default | | variable |\n| --- | --- | --- | --- |\n${rows.join('')}`;
  return text.slice(0, from + begin.length) + table + text.slice(to);
}
