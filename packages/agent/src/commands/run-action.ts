/** Runs the operations of an accepted action, one after the other, and makes the answer. */
import {
  type FinalStatus,
  type OperationVerdict,
  type ReportedRefusal,
  type ResultMessage,
  refusal,
} from '@mig/action';
import { type AnyModule, enhancePrivacy, failure, type Result, validateParameters } from '@mig/module';
import { answer, reported } from './answers.ts';
import type { DeskOptions } from './desk-options.ts';
import type { HeldCommand } from './held-command.ts';

/** Runs what `held` asks for. The journal has it on disk before anything runs; when it cannot, nothing does. */
export async function runAction(held: HeldCommand, options: DeskOptions): Promise<ResultMessage> {
  const { journal, log } = options;
  const { commandid, actionid } = held;
  try {
    journal.start(answer.startedEntry(held));
  } catch (error) {
    const detail = (error as Error).message;
    log.error({ commandid, error: detail }, 'journal cannot be written, nothing is run');
    return answer.unrun(held, 'failed', [refusal('JOURNAL_UNWRITABLE', { detail })]);
  }
  log.info({ commandid, actionid, name: held.action!.name }, 'action started');
  const results: Result[] = [];
  const refusals: ReportedRefusal[] = [];
  let isTimedOut = false;
  for (const [i, { module: name, parameters }] of held.action!.operations.entries()) {
    const checked = check(held.verdict!.operations[i]!, parameters, options);
    if ('refusals' in checked) {
      refusals.push(...checked.refusals.slice(0, 4).map((one) => reported(one, i)));
      results.push(failure(checked.refusals.map(({ message }) => message).join('; ')));
      continue;
    }
    held.module = name;
    const { result, hasTimedOut } = await runOperation(checked.module, parameters, held, options);
    isTimedOut ||= hasTimedOut;
    results.push(result);
  }
  held.module = undefined;
  return {
    commandid,
    actionid,
    status: held.stopped?.status ?? statusOf(results, isTimedOut),
    results,
    refusals,
    starttime: held.startTime!.toISOString(),
    finishtime: new Date().toISOString(),
  };
}

type Checked = { readonly module: AnyModule } | { readonly refusals: OperationVerdict['refusals'] };

function check(
  { allowed, refusals, module: name }: OperationVerdict,
  parameters: unknown,
  options: DeskOptions,
): Checked {
  const module = options.modules.find(name);
  if (!allowed || module === undefined) return { refusals };
  try {
    validateParameters(module, parameters);
    return { module };
  } catch (error) {
    return { refusals: [refusal('PARAMETERS_INVALID', { module: name, detail: (error as Error).message })] };
  }
}

async function runOperation(module: AnyModule, parameters: unknown, held: HeldCommand, options: DeskOptions) {
  const { timeoutMs } = options.limits;
  if (held.signal.aborted) return { result: failure(stopReasonOf(held)), hasTimedOut: false };
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  const result = await options.runOperation(module, parameters, AbortSignal.any([held.signal, limit.signal]));
  clearTimeout(timer);
  if (result.success) return { result: options.isPrivate ? masked(module, result) : result, hasTimedOut: false };
  if (held.signal.aborted) return { result: failure(stopReasonOf(held)), hasTimedOut: false };
  if (!limit.signal.aborted) return { result, hasTimedOut: false };
  return { result: failure(`stopped after its time limit of ${timeoutMs} ms`), hasTimedOut: true };
}

function stopReasonOf({ stopped }: HeldCommand): string {
  return stopped?.reason ?? 'stopped';
}

/** The result in privacy mode. Soft errors name what could not be read, so that only their number stays. */
function masked(module: AnyModule, result: Result): Result {
  try {
    const { elements } = enhancePrivacy(module, result);
    const count = result.errors?.length ?? 0;
    const errors = count === 0 ? null : [`${count} soft ${count === 1 ? 'error' : 'errors'}, withheld in privacy mode`];
    return { ...result, elements, errors };
  } catch {
    return failure(`module ${module.name}: its result could not be masked for privacy mode, so that it is withheld`);
  }
}

function statusOf(results: readonly Result[], isTimedOut: boolean): FinalStatus {
  if (isTimedOut) return 'timeout';
  return results.every(({ success }) => success) ? 'success' : 'failed';
}
