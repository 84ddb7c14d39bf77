/** `mig results ID`: the answers that there are by now. */
import { getAction, listCommands } from '@mig/api';
import { answerRecord, isShown } from '../fleet/answer-lines.ts';
import { csvHeading, csvLines } from '../fleet/answer-table.ts';
import { findActionId, requireActionId } from '../fleet/find-action.ts';
import { followToEnd } from '../fleet/follow.ts';
import { printMissing } from '../fleet/missing.ts';
import { printAnswers } from '../fleet/print-answers.ts';
import { outcomeLines } from '../fleet/progress.ts';
import { countSoftErrors } from '../fleet/soft-errors.ts';
import { Misuse } from '../misuse.ts';
import type { Command } from './command.ts';
import { readShow } from './module-words.ts';
import { oneWord, readWords } from './read-words.ts';
import { withPlatform } from './with-platform.ts';

const kinds = {
  show: 'value',
  json: 'switch',
  csv: 'switch',
  ndjson: 'switch',
  f: 'switch',
  follow: 'switch',
} as const;

export const results: Command = {
  names: ['results'],
  usage: 'mig results ID [-show found|notfound|all] [-json|-csv|-ndjson] [-f]',
  summary: 'Prints the answers of an action.',
  options: kinds,
  help: [
    'mig results ID [-show found|notfound|all] [-json | -csv | -ndjson] [-f | -follow]',
    '',
    '-json prints one list, -ndjson one object a line, -csv one line for each printed line. -f goes on as answers arrive.',
    '',
    'Examples:',
    '  mig results 0194 -show all',
    '  mig results 0194 -csv > answers.csv',
  ],
  async run(words, terminal, context) {
    const { options, others } = readWords('results', words, kinds);
    if ([options.json, options.csv, options.ndjson].filter(Boolean).length > 1) {
      throw new Misuse('results: expected one of -json, -csv and -ndjson, got several');
    }
    const follows = options.f || options.follow;
    if (follows && (options.json || options.csv)) {
      throw new Misuse('results: -f prints lines, or objects with -ndjson');
    }
    const wanted = requireActionId(oneWord('results', others, "an action's id"));
    const shown = options.show === undefined ? undefined : readShow(options.show);
    return withPlatform(context, async (platform) => {
      const show = shown ?? context.settings().show;
      const id = await findActionId(platform, wanted, context.hints);
      const action = await platform.call(getAction, { params: { id } });
      if (follows) {
        return followToEnd(platform, action, { show, isJson: options.ndjson }, terminal, context);
      }
      const { operations } = action;
      const answers = printAnswers({ id, operations, show, terminal, hints: context.hints });
      const softErrors = countSoftErrors();
      const isForPeople = !options.json && !options.ndjson && !options.csv;
      let count = 0;
      if (options.csv) terminal.print(csvHeading);
      let read = 0;
      for await (const command of platform.items(listCommands, { params: { id } })) {
        read++;
        if (read % 100 === 0) terminal.progress(`${read} of ${action.counters.targeted} agents`);
        if (isForPeople) answers.add(command);
        else if ((options.csv && show === 'found') || !isShown(command, show)) softErrors.add(command.results);
        if (isForPeople || !isShown(command, show)) continue;
        const record = () => JSON.stringify(answerRecord(command, operations));
        if (options.json) terminal.print(`${count === 0 ? '[' : ','}${record()}`);
        else if (options.ndjson) terminal.print(record());
        else for (const line of csvLines(command, operations, show)) terminal.print(line);
        count++;
      }
      terminal.progress('');
      answers.end();
      for (const line of softErrors.lines(context.hints.all(id))) terminal.remark(line);
      if (options.json) terminal.print(count === 0 ? '[]' : ']');
      for (const line of outcomeLines(action)) terminal.remark(line);
      await printMissing(platform, action, terminal, context.hints);
      return 0;
    });
  },
};
