/** Follows an action until its end: answers as they arrive, a progress bar meanwhile, a summary, and who is missing. */
import { isFinal } from '@mig/action';
import { type ActionSummary, type Counters, followAction } from '@mig/api';
import type { Context } from '../commands/command.ts';
import type { Show } from '../commands/module-words.ts';
import type { Platform } from '../platform/platform.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { answerRecord, isShown } from './answer-lines.ts';
import { printMissing } from './missing.ts';
import { printAnswers } from './print-answers.ts';
import { outcomeLines, progressLine } from './progress.ts';
import { countSoftErrors } from './soft-errors.ts';
import { streamBreaks } from './stream-breaks.ts';

export interface FollowOptions {
  readonly show: Show;
  readonly isJson: boolean;
}

/**
 * Prints what becomes of `action`. Gives the exit status: 0 when every command succeeded, 1 when some did not, 130 when
 * ctrl-c stopped the following; the action goes on then.
 */
export async function followToEnd(
  platform: Platform,
  action: ActionSummary,
  options: FollowOptions,
  terminal: Terminal,
  context: Pick<Context, 'interruption' | 'hints' | 'steady'>,
): Promise<number> {
  const { hints } = context;
  const interruption = context.interruption();
  const began = performance.now();
  let counters = action.counters;
  const showProgress = () => terminal.progress(progressLine(counters, performance.now() - began, action.expireafter));
  const ticker = setInterval(showProgress, 500);
  const printed = new Set<string>();
  const { show, isJson } = options;
  const { id, operations } = action;
  const answers = printAnswers({ id, operations, show, terminal, hints });
  const softErrors = countSoftErrors();
  let end: ActionSummary | undefined;
  try {
    const { onBreak, onEvent } = streamBreaks(terminal);
    const request = { params: { id: action.id }, signal: interruption.signal, onBreak };
    for await (const { event, data } of platform.follow(followAction, request)) {
      onEvent();
      if (event === 'progress') counters = data;
      else if (event === 'end') {
        end = data;
        counters = data.counters;
      } else if (isFinal(data.status) && !printed.has(data.id)) {
        printed.add(data.id);
        if (!isJson) answers.add(data);
        else if (isShown(data, show)) terminal.print(JSON.stringify(answerRecord(data, operations)));
        else softErrors.add(data.results);
      }
      showProgress();
    }
  } finally {
    clearInterval(ticker);
    terminal.progress('');
    interruption.release();
  }
  answers.end();
  for (const line of softErrors.lines(hints.all(id))) terminal.remark(line);
  const { cancellation } = end ?? action;
  for (const line of outcomeLines({ counters, cancellation })) terminal.remark(line);
  const missing = printMissing(context.steady(platform), { id, counters }, terminal, hints);
  if (end !== undefined) {
    await missing;
    return isAllWell(counters) ? 0 : 1;
  }
  // It may have been stopped because the platform is away.
  await missing.catch((error: Error) => terminal.remark(`who has not answered cannot be told: ${error.message}`));
  terminal.remark('stopped following; the action goes on:');
  const [again, stop] = [hints.follow(id), hints.cancel(id)];
  terminal.remark(`  ${again}  follows it again`);
  terminal.remark(`  ${stop.padEnd(again.length)}  ends it`);
  return 130;
}

function isAllWell({ targeted, success }: Counters): boolean {
  return success === targeted;
}
