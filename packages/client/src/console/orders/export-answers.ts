/** Writes the answers of an action to a file, for other programs. */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type ActionSummary, listCommands } from '@mig/api';
import { readShow } from '../../commands/module-words.ts';
import { answerRecord, isShown } from '../../fleet/answer-lines.ts';
import { csvHeading, csvLines } from '../../fleet/answer-table.ts';
import { Misuse } from '../../misuse.ts';
import { splitWords } from '../input/words.ts';
import type { Session } from '../mode.ts';

/** Writes a new file, readable by its owner only, as `rest` says. A file that is there already is left as it is. */
export async function writeExport(action: ActionSummary, rest: string, { platform, terminal }: Session): Promise<void> {
  const [name, shown = 'all', ...more] = splitWords(rest);
  const [, kind] = /\.(csv|ndjson)$/.exec(name ?? '') ?? [];
  if (name === undefined || kind === undefined || more.length > 0) {
    throw new Misuse(
      `export: expected a file that ends with .csv or .ndjson, then found, notfound or all, got '${rest}'`,
    );
  }
  const show = readShow(shown);
  const { operations } = action;
  const file = await open(resolve(name), 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Misuse(`export: ${name} is there already: expected a new file`) : error;
  });
  let count = 0;
  try {
    if (kind === 'csv') await file.write(`${csvHeading}\r\n`);
    for await (const command of platform.items(listCommands, { params: { id: action.id } })) {
      if (!isShown(command, show)) continue;
      count++;
      if (kind === 'ndjson') await file.write(`${JSON.stringify(answerRecord(command, operations))}\n`);
      else for (const line of csvLines(command, operations, show)) await file.write(`${line}\r\n`);
    }
  } finally {
    await file.close();
  }
  terminal.remark(`${count} ${count === 1 ? 'answer' : 'answers'} in ${resolve(name)}`);
}
