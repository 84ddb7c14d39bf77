/**
 * The desk where commands are received: checked, put in a queue, run a few at a time, answered. Whatever comes twice is
 * recognised, and every command ends in exactly one answer.
 */
import {
  type ActionVerdict,
  type CancelMessage,
  type CommandMessage,
  type ResultMessage,
  verifyAction,
} from '@mig/action';
import type { Journal } from '../journal/journal.ts';
import { answer, refusalNow } from './answers.ts';
import type { DeskOptions } from './desk-options.ts';
import { type HeldCommand, holdCommand } from './held-command.ts';
import { runAction } from './run-action.ts';

export class CommandDesk {
  readonly #options: DeskOptions;
  /** Commands that have no answer yet, by id: being checked, waiting, running. */
  readonly #held = new Map<string, HeldCommand>();
  /** Which held command an action's id belongs to. */
  readonly #claims = new Map<string, string>();
  readonly #queue: HeldCommand[] = [];
  /** Commands that were cancelled before they came. */
  readonly #cancelledEarly = new Map<string, string>();
  #running = 0;
  #isStopping = false;
  #hasDeclined = false;
  #declined = 0;
  #unjournaled = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Commands that this agent still has: without an answer, or with one that was not acknowledged. */
  get heldIds(): readonly string[] {
    return [...new Set([...this.#held.keys(), ...this.#options.spool.ids])];
  }

  get running(): readonly HeldCommand[] {
    return [...this.#held.values()].filter(({ startTime }) => startTime !== undefined);
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** How often, since the start, a command was left to the platform, and how often the journal could not be written. */
  get counters(): { readonly declined: number; readonly unjournaled: number } {
    return { declined: this.#declined, unjournaled: this.#unjournaled };
  }

  /** Whether nothing waits to be run, answered or acknowledged. */
  get isIdle(): boolean {
    return this.#held.size === 0 && this.#options.spool.ids.length === 0;
  }

  /** Takes a command; resolves when it is in the queue or answered. Never rejects for what is in the message. */
  async receive(message: CommandMessage): Promise<void> {
    const { spool, journal, log } = this.#options;
    const { commandid } = message;
    log.debug({ commandid }, 'command received');
    if (this.#isStopping || this.#held.has(commandid)) return;
    if (spool.has(commandid)) return this.#options.send(spool.read(commandid));
    if (!spool.hasRoom(this.#held.size)) {
      this.#hasDeclined = true;
      this.#declined++;
      log.warn({ commandid }, 'command left to the platform: no room for its result');
      return;
    }
    const held = holdCommand(message, new Date());
    if (journal.hasCommand(commandid)) {
      return this.#refuse(held, [refusalNow('ACTION_REPLAYED', { id: message.actionid })]);
    }
    this.#held.set(commandid, held);
    const verdict = await this.#verify(message, held).catch((error: unknown) => {
      this.#release(held);
      throw error;
    });
    // It was told to stop meanwhile: what would begin now would be cut short.
    if (this.#isStopping) return this.#release(held);
    if (!verdict.accepted || verdict.action === null) return this.#refuse(held, verdict.refusals, verdict);
    if (this.#queue.length >= this.#options.limits.queued) {
      return this.#refuse(held, [refusalNow('AGENT_BUSY', { limit: this.#options.limits.queued })], verdict);
    }
    held.accept(verdict.action, verdict, () => this.#expire(held));
    const reason = this.#cancelledEarly.get(commandid);
    if (reason !== undefined) return this.#answerUnrun(held, 'cancelled');
    this.#queue.push(held);
    this.#startNext();
  }

  /** Stops a command, running or not. What is answered already stays as it is. */
  cancel({ commandid, reason }: CancelMessage): void {
    const held = this.#held.get(commandid);
    this.#options.log.info({ commandid, reason }, 'command cancelled');
    if (held?.startTime !== undefined) held.stop({ status: 'cancelled', reason: `cancelled: ${reason}` });
    else if (held !== undefined && this.#dequeue(held)) this.#answerUnrun(held, 'cancelled');
    else if (!this.#options.spool.has(commandid)) this.#rememberCancel(commandid, reason);
  }

  /** Whether commands were left to the platform, and could be taken now; it then has to be told. */
  takeDeclined(): boolean {
    if (!this.#hasDeclined || !this.#options.spool.hasRoom(this.#held.size)) return false;
    this.#hasDeclined = false;
    return true;
  }

  /** Takes nothing more, stops what runs, and resolves when all that ran is answered. What waits is left unanswered. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const held of this.#queue.splice(0)) this.#release(held);
    const running = this.running;
    for (const held of running) held.stop({ status: 'failed', reason: 'the agent was stopped while it ran' });
    await Promise.all(running.map(({ done }) => done));
  }

  async #verify({ envelope, actionid, commandid }: CommandMessage, held: HeldCommand): Promise<ActionVerdict> {
    const { policy, journal, fleet, modules } = this.#options;
    const { keyring, acl, problem } = await policy.current();
    if (problem !== undefined) return rejected([refusalNow('POLICY_UNUSABLE', { detail: problem })]);
    const verdict = await verifyAction({
      envelope,
      keyring,
      acl,
      fleet,
      now: new Date(),
      modules: modules.modules.map(({ name }) => name),
      // Asked and claimed in one step: of two commands with one action, the second is the replay.
      seen: (id) => journal.hasAction(id) || !this.#claim(id, held),
    });
    if (verdict.accepted && verdict.action?.id !== actionid) {
      const detail = `actionid: it says ${actionid}, and the envelope holds ${verdict.action?.id}`;
      return { ...verdict, accepted: false, refusals: [refusalNow('MESSAGE_MALFORMED', { kind: 'command', detail })] };
    }
    if (!verdict.accepted)
      this.#options.log.warn({ commandid, codes: verdict.refusals.map(({ code }) => code) }, 'command refused');
    return verdict;
  }

  #claim(actionId: string, held: HeldCommand): boolean {
    if (this.#claims.has(actionId)) return false;
    this.#claims.set(actionId, held.commandid);
    return true;
  }

  #startNext(): void {
    while (this.#running < this.#options.limits.actions && this.#queue.length > 0) {
      const held = this.#queue.shift()!;
      this.#running++;
      void held.run(async () => {
        const message = await runAction(held, this.#options);
        if (message.refusals.some(({ code }) => code === 'JOURNAL_UNWRITABLE')) this.#unjournaled++;
        this.#answer(held, message);
        this.#running--;
        this.#startNext();
      });
    }
  }

  #expire(held: HeldCommand): void {
    if (held.startTime !== undefined) {
      held.stop({ status: 'timeout', reason: `stopped: the action expired at ${held.action!.expireafter}` });
    } else if (this.#dequeue(held)) this.#answerUnrun(held, 'expired');
  }

  #dequeue(held: HeldCommand): boolean {
    const at = this.#queue.indexOf(held);
    if (at >= 0) this.#queue.splice(at, 1);
    return at >= 0;
  }

  #answerUnrun(held: HeldCommand, status: 'cancelled' | 'expired'): void {
    const { expireafter = '' } = held.action ?? {};
    const now = new Date().toISOString();
    const refusals = status === 'expired' ? [refusalNow('ACTION_EXPIRED', { expireafter, now })] : [];
    this.#note((journal) => journal.refuse(answer.refusedEntry(held, status, refusals)));
    this.#answer(held, answer.unrun(held, status, refusals));
  }

  #refuse(held: HeldCommand, refusals: ActionVerdict['refusals'], verdict?: ActionVerdict): void {
    const status = answer.statusOfRefused(refusals);
    this.#note((journal) => journal.refuse(answer.refusedEntry(held, status, refusals, verdict)));
    this.#answer(held, answer.unrun(held, status, refusals));
  }

  #answer(held: HeldCommand, message: ResultMessage): void {
    const { spool, journal, log } = this.#options;
    const kept = spool.add(message, (error) => log.error({ error: error.message }, 'result cannot be kept on disk'));
    this.#release(held);
    this.#options.send(kept);
    if (journal.isUnfinished(held.commandid)) this.#note(() => journal.finish(answer.finishedEntry(kept)));
    log.info({ commandid: kept.commandid, actionid: kept.actionid, status: kept.status }, 'command answered');
  }

  /** Writes to the journal what need not be there first: the answer goes out all the same. */
  #note(write: (journal: Journal) => void): void {
    try {
      write(this.#options.journal);
    } catch (error) {
      this.#unjournaled++;
      this.#options.log.error({ error: (error as Error).message }, 'journal cannot be written');
    }
  }

  #release(held: HeldCommand): void {
    held.release();
    this.#held.delete(held.commandid);
    this.#cancelledEarly.delete(held.commandid);
    for (const [actionId, commandId] of this.#claims) if (commandId === held.commandid) this.#claims.delete(actionId);
  }

  #rememberCancel(commandId: string, reason: string): void {
    this.#cancelledEarly.set(commandId, reason);
    if (this.#cancelledEarly.size > 1000) this.#cancelledEarly.delete(this.#cancelledEarly.keys().next().value!);
  }
}

function rejected(refusals: ActionVerdict['refusals']): ActionVerdict {
  return { accepted: false, action: null, signatures: [], refusals, operations: [] };
}
