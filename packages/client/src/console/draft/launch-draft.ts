/** The way of a draft to the agents: count, sign, count down, launch, follow. */
import { hostname } from 'node:os';
import { createEnvelope, type Envelope, encodeAction, parseAction, payloadOf, type Uuid } from '@mig/action';
import { countTarget, getAction, createAction as launchAction, type TargetCount } from '@mig/api';
import { printable } from '@mig/module';
import { countDown } from '../../fleet/count-down.ts';
import { countLines } from '../../fleet/count-line.ts';
import { followToEnd } from '../../fleet/follow.ts';
import { launchedBefore, requireFleet, withOwnSignature } from '../../fleet/signatures.ts';
import { Misuse } from '../../misuse.ts';
import { actionHints, draftHints } from '../hints.ts';
import type { Session } from '../mode.ts';
import { actionOf, type Draft, missingIn } from './draft.ts';

/** Asks the platform which agents the target selects. Throws Misuse when there is no target yet. */
export async function countDraft(draft: Draft, { platform }: Session): Promise<TargetCount> {
  const { target, found, notfound } = draft;
  if (target === undefined) throw new Misuse('there is no target yet: target CONDITION');
  return platform.call(countTarget, {
    body: { target, hostname: hostname(), found: [...found], notfound: [...notfound] },
  });
}

/** What is said of the draft's target, for the numbers in `counted`. */
export function draftCountLines(counted: TargetCount, draft: Draft, session: Session): Promise<string[]> {
  return countLines(counted, draft.target, (target) => countDraft({ ...draft, target }, session));
}

/** Signs the draft, or adds a signature to those that it has. Throws when something is missing. */
export async function signDraft(draft: Draft, session: Session): Promise<Envelope> {
  const missing = missingIn(draft);
  if (missing.length > 0) throw new Misuse(`not complete yet, what is missing is ${missing.join('; ')}`);
  const { platform, terminal } = session;
  if (draft.envelope !== undefined) {
    await requireFleet(platform, parseAction(payloadOf(draft.envelope)));
    return withOwnSignature(platform, draft.envelope);
  }
  const [counted, fleet] = await Promise.all([countDraft(draft, session), platform.fleet()]);
  if (counted.condition !== draft.target) terminal.remark(`target: ${printable(counted.condition)}`);
  const action = actionOf(draft, fleet, counted.condition);
  return (await platform.signer()).sign(createEnvelope(encodeAction(action)));
}

/** Launches the draft; gives the id of the action. Throws when it selects nobody, and when ctrl-c came before. */
export async function launchDraft(draft: Draft, isHasty: boolean, session: Session): Promise<Uuid> {
  const { platform, terminal, context, signal } = session;
  const missing = missingIn(draft);
  if (missing.length > 0) throw new Misuse(`not complete yet, what is missing is ${missing.join('; ')}`);
  const before = draft.envelope === undefined ? undefined : await launchedBefore(platform, draft.envelope);
  if (before !== undefined) {
    terminal.remark(`launched already, at ${before.launchtime}: nothing is sent`);
    return before.id;
  }
  const counted = await countDraft(draft, session);
  if (counted.count === 0) throw new Misuse(`the target selects no agent, nothing was launched: ${counted.condition}`);
  for (const line of await draftCountLines(counted, draft, session)) terminal.remark(line);
  if (!isHasty) await countDown(context.settings().countdown, terminal, { ...context, hints: draftHints });
  // Signed only now: its window begins when it is signed.
  const envelope = await signDraft(draft, session);
  if (signal.aborted) throw new Misuse('stopped: nothing was launched');
  const { id, name } = await platform.call(launchAction, { body: envelope });
  terminal.remark(`launched ${id}: ${printable(name)}`);
  return id;
}

/** Follows the action that was launched, until its end or ctrl-c. */
export async function followLaunched(id: Uuid, session: Session): Promise<void> {
  const { platform, terminal, context } = session;
  const action = await platform.call(getAction, { params: { id } });
  const { show } = context.settings();
  await followToEnd(platform, action, { show, isJson: false }, terminal, { ...context, hints: actionHints });
}
