/** The way of an action from a draft to its answers: count, count down, sign, launch, follow. */
import { hostname } from 'node:os';
import {
  type ActionDraft,
  createAction,
  createEnvelope,
  type Envelope,
  encodeAction,
  encodeEnvelope,
  loadOpenPgp,
  parseAction,
  payloadOf,
} from '@mig/action';
import { type ActionSummary, countTarget, createAction as launchAction } from '@mig/api';
import { printable } from '@mig/module';
import type { Context } from '../commands/command.ts';
import type { ModuleOptions } from '../commands/module-words.ts';
import type { Platform } from '../platform/platform.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { countDown } from './count-down.ts';
import { countLine, countLines } from './count-line.ts';
import { findActionId } from './find-action.ts';
import { followToEnd } from './follow.ts';
import { describeSignatures, launchedBefore, requireFleet, withOwnSignature } from './signatures.ts';

/** Signs `draft` as `options` say, launches it and prints the answers; with -s, prints the envelope. */
export async function launchDraft(
  draft: ActionDraft,
  options: ModuleOptions,
  terminal: Terminal,
  context: Context,
): Promise<number> {
  void loadOpenPgp();
  const platform = await context.platform();
  try {
    const settings = context.settings();
    const [counted, fleet] = await Promise.all([
      countAgents(platform, draft.target, options, context),
      platform.fleet(),
    ]);
    // The platform fills in macros, and the investigator signs: so the investigator sees what it was filled in with.
    if (counted.condition !== draft.target) terminal.remark(`target: ${printable(counted.condition)}`);
    const expiration = options.expiration ?? (draft.expireafter === undefined ? settings.expiration : undefined);
    const make = () => createAction({ ...draft, fleet, target: counted.condition, expiration });
    // What is wrong with it is told before anybody waits.
    make();
    const countAgain = (target: string) => countAgents(platform, target, options, context);
    const remarkOnCount = async () => {
      for (const line of await countLines(counted, draft.target, countAgain)) terminal.remark(line);
    };
    if (options.isSignOnly) {
      await remarkOnCount();
      terminal.print(encodeEnvelope(await signed(platform, make())));
      return 0;
    }
    if (counted.count === 0) {
      throw new Error(`the target selects no agent, nothing was launched: ${counted.condition}`);
    }
    await remarkOnCount();
    if (!options.isHasty) await countDown(settings.countdown, terminal, context);
    // Made only now: its window begins when it is signed.
    return await launchEnvelope(platform, await signed(platform, make()), options, terminal, context);
  } finally {
    await platform.close();
  }
}

/**
 * Adds the investigator's signature to an envelope that somebody signed, and launches it; with -s, prints it. One that the
 * investigator has signed already is launched as it is.
 */
export async function launchSigned(
  envelope: Envelope,
  options: ModuleOptions,
  terminal: Terminal,
  context: Context,
): Promise<number> {
  const action = parseAction(payloadOf(envelope));
  terminal.remark(printable(`'${action.name}' for ${action.target}, until ${action.expireafter}:`));
  for (const { module, parameters } of action.operations)
    terminal.remark(printable(`  ${module} ${JSON.stringify(parameters)}`));
  const platform = await context.platform();
  try {
    await requireFleet(platform, action);
    for (const line of await describeSignatures(platform, envelope)) terminal.remark(printable(`  ${line}`));
    const before = await launchedBefore(platform, envelope);
    if (before !== undefined && !options.isSignOnly) {
      terminal.remark(`launched already, at ${before.launchtime}: nothing is sent, this is what became of it`);
      return await follow(platform, before, options, terminal, context);
    }
    if (!options.isSignOnly) {
      terminal.remark(countLine(await countAgents(platform, action.target, options, context)));
      if (!options.isHasty) await countDown(context.settings().countdown, terminal, context);
    }
    const both = await withOwnSignature(platform, envelope);
    if (both === envelope) terminal.remark('your key is among the signatures already: none was added');
    if (!options.isSignOnly) return await launchEnvelope(platform, both, options, terminal, context);
    terminal.print(encodeEnvelope(both));
    return 0;
  } finally {
    await platform.close();
  }
}

async function signed(platform: Platform, action: ReturnType<typeof createAction>): Promise<Envelope> {
  const signer = await platform.signer();
  return signer.sign(createEnvelope(encodeAction(action)));
}

async function launchEnvelope(
  platform: Platform,
  envelope: Envelope,
  options: ModuleOptions,
  terminal: Terminal,
  context: Context,
): Promise<number> {
  const action = await platform.call(launchAction, { body: envelope });
  terminal.remark(printable(`launched ${action.id}: ${action.name}`));
  return follow(platform, action, options, terminal, context);
}

function follow(
  platform: Platform,
  action: ActionSummary,
  options: ModuleOptions,
  terminal: Terminal,
  context: Context,
): Promise<number> {
  const show = options.shown ?? context.settings().show;
  return followToEnd(platform, action, { show, isJson: options.isJson }, terminal, context);
}

async function countAgents(platform: Platform, target: string, options: ModuleOptions, { hints }: Context) {
  const ids = (texts: readonly string[]) => Promise.all(texts.map((text) => findActionId(platform, text, hints)));
  const [found, notfound] = await Promise.all([ids(options.targetFound), ids(options.targetNotFound)]);
  return platform.call(countTarget, { body: { target, hostname: hostname(), found, notfound } });
}
