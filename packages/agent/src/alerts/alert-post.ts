/**
 * Takes the alerts that modules raise, keeps them until the platform has acknowledged them, and sends them: in order for
 * each module, so many a second, the modules in turn, so that one that raises a storm delays no other.
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { type AcknowledgementMessage, type AlertMessage, createUuid } from '@mig/action';
import type { Logger } from '@mig/daemon';
import { fitAlert } from './fit-alert.ts';
import { Outbox } from './outbox.ts';
import { Pace } from './pace.ts';

/** What a module says when it raises an alert. */
export interface Raised {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly time: string;
  /** Its own name for the alert. */
  readonly id?: string | undefined;
  /** Whether it may have told it before. */
  readonly again?: boolean | undefined;
  /** How many alerts it dropped, where the alert says that. */
  readonly dropped?: number | undefined;
}

/** An alert that is not on disk yet. */
interface Taken {
  readonly alert: AlertMessage;
  readonly raised: Raised;
  readonly onKept: (() => void) | undefined;
}

export interface AlertPostOptions {
  /** Where outboxes are; it must be there. */
  readonly directory: string;
  /** Most space for the alerts of one module. */
  readonly limitBytes: number;
  /** After which an alert is sent again when nobody has acknowledged it. */
  readonly resendMs: number;
  /** What goes to the platform of an alert: all of it, or in privacy mode what the module lets out. */
  readonly mask: (module: string, raised: Raised) => Raised;
  /** Publishes an alert; undefined while there is no connection. */
  readonly publish: () => ((alert: AlertMessage) => Promise<void>) | undefined;
  readonly log: Logger;
}

/** Alerts of one module that are sent and not acknowledged, at most. */
const mostOut = 256;
/** Alerts sent in a second on average, and at once after a pause. */
const perSecond = 2_000;
const burst = 2_000;
const tickMs = 1_000;

export class AlertPost {
  readonly #options: AlertPostOptions;
  readonly #outboxes = new Map<string, Outbox>();
  readonly #taken = new Map<string, Taken[]>();
  /** Ids of alerts that are on disk, by module, while one tells alerts again. */
  readonly #known = new Map<string, Set<string>>();
  /** When each alert that is not acknowledged was sent last, in milliseconds of the process. */
  readonly #sent = new Map<string, number>();
  readonly #pace = new Pace(perSecond, burst);
  readonly #timer: NodeJS.Timeout;
  #flush: NodeJS.Immediate | undefined;
  #pause: NodeJS.Timeout | undefined;

  constructor(options: AlertPostOptions) {
    this.#options = options;
    for (const name of readdirSync(options.directory)) {
      const module = /^([a-z][a-z0-9]{1,31})(-\d{8}\.jsonl|\.dropped)$/.exec(name)?.[1];
      if (module !== undefined) this.#outboxOf(module);
    }
    this.#timer = setInterval(() => this.#tick(), tickMs);
    this.#timer.unref();
  }

  /**
   * Takes an alert of `module`, and gives it as modules that receive alerts get it. Returns at once; calls `onKept` when
   * the alert is on disk, or counted as one that could not be kept.
   */
  take(module: string, raised: Raised, onKept?: () => void): AlertMessage {
    const id = idOf(module, raised);
    const alert = fitAlert({ id, module, ...contentOf(raised) });
    // That alerts were dropped masks nothing of anybody's.
    const outward = raised.dropped === undefined ? this.#options.mask(module, raised) : raised;
    const masked = outward === raised ? alert : fitAlert({ id, module, ...contentOf(outward) });
    const taken = this.#taken.get(module) ?? [];
    this.#taken.set(module, taken);
    taken.push({ alert: masked, raised, onKept });
    this.#flush ??= setImmediate(() => this.#keep());
    return alert;
  }

  /** Counts alerts of `module` that were dropped before they came here. */
  noteDropped(module: string, count: number): void {
    this.#keep();
    this.#try(module, count, (outbox) => outbox.noteDropped(count));
  }

  /** Sends everything that waits: there is a new connection. */
  connected(): void {
    this.#sent.clear();
    this.#sendAgain();
    this.#send();
  }

  acknowledged({ id, outcome, reason }: AcknowledgementMessage): void {
    const outbox = [...this.#outboxes.values()].find((one) => one.acknowledge(id));
    if (outbox === undefined) return;
    this.#sent.delete(id);
    if (outcome === 'refused')
      this.#options.log.warn({ id, module: outbox.module, reason }, 'alert refused by platform');
    this.#send();
  }

  /** How many wait, and how many were dropped, by module. */
  counts(): ReadonlyMap<string, { readonly waiting: number; readonly dropped: number }> {
    return new Map([...this.#outboxes].map(([name, { waiting, dropped }]) => [name, { waiting, dropped }]));
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#pause);
    this.#keep();
    for (const outbox of this.#outboxes.values()) outbox.close();
  }

  /** Puts what was taken on disk: all of one turn of the event loop in one write for each module. */
  #keep(): void {
    if (this.#flush !== undefined) clearImmediate(this.#flush);
    this.#flush = undefined;
    for (const [module, taken] of this.#taken) {
      this.#taken.delete(module);
      this.#try(module, taken.length, (outbox) => {
        const fresh = taken.some(({ raised }) => raised.again) ? this.#withoutKnown(outbox, taken) : taken;
        for (const { raised } of fresh) outbox.droppedBefore(raised.dropped ?? 0);
        outbox.add(fresh.map(({ alert }) => alert));
      });
      for (const { onKept } of taken) onKept?.();
    }
    this.#send();
  }

  /** Leaves out what is told again and is on disk. What the platform has acknowledged is sent again: it knows the id. */
  #withoutKnown(outbox: Outbox, taken: readonly Taken[]): readonly Taken[] {
    const known = this.#known.get(outbox.module) ?? outbox.ids();
    this.#known.set(outbox.module, known);
    return taken.filter(({ alert: { id }, raised }) => {
      const isNew = !(raised.again && known.has(id));
      known.add(id);
      return isNew;
    });
  }

  #try(module: string, count: number, act: (outbox: Outbox) => void): void {
    try {
      act(this.#outboxOf(module));
    } catch (error) {
      this.#options.log.error({ module, count, error: (error as Error).message }, 'alerts lost: they cannot be kept');
    }
  }

  #outboxOf(module: string): Outbox {
    const { directory, limitBytes } = this.#options;
    const known = this.#outboxes.get(module) ?? new Outbox(directory, module, limitBytes);
    this.#outboxes.set(module, known);
    return known;
  }

  #tick(): void {
    this.#known.clear();
    for (const { module } of this.#outboxes.values()) this.#try(module, 0, (outbox) => outbox.tidy());
    this.#sendAgain();
    this.#send();
  }

  /** Sends what was sent before, and was not acknowledged in time. */
  #sendAgain(): void {
    const publish = this.#options.publish();
    if (publish === undefined) return;
    for (const outbox of this.#outboxes.values()) {
      for (const alert of outbox.out) if (this.#isDue(alert)) this.#publish(alert, publish);
    }
  }

  /** Sends what was not sent yet, as much as may be sent now. */
  #send(): void {
    const publish = this.#options.publish();
    if (publish === undefined || this.#pause !== undefined) return;
    const waiting = new Set(this.#outboxes.values());
    while (waiting.size > 0) {
      for (const outbox of waiting) {
        const alert = outbox.outCount < mostOut ? outbox.next() : undefined;
        if (alert === undefined) waiting.delete(outbox);
        else if (this.#publish(alert, publish)) return;
      }
    }
  }

  #isDue({ id }: AlertMessage): boolean {
    return performance.now() - (this.#sent.get(id) ?? Number.NEGATIVE_INFINITY) >= this.#options.resendMs;
  }

  /** Sends one. True when that was enough for now: it goes on by itself after a pause. */
  #publish(alert: AlertMessage, publish: (alert: AlertMessage) => Promise<void>): boolean {
    this.#sent.set(alert.id, performance.now());
    publish(alert).catch((error: Error) => {
      this.#options.log.debug({ id: alert.id, error: error.message }, 'alert not sent, kept for later');
    });
    const waitMs = this.#pace.spend(1);
    if (waitMs === 0) return false;
    this.#pause ??= setTimeout(
      () => {
        this.#pause = undefined;
        this.#send();
      },
      Math.max(50, waitMs),
    );
    return true;
  }
}

function contentOf({ message, fields, time }: Raised): Pick<AlertMessage, 'message' | 'fields' | 'time'> {
  return { message, fields, time };
}

/** A new id; for an alert that its module has named, the same one whenever it is told. */
function idOf(module: string, { id, time }: Raised): string {
  if (id === undefined) return createUuid();
  const seed = createHash('sha256').update(`${module} ${time} ${id}`).digest().subarray(0, 16);
  return createUuid(Math.max(0, Date.parse(time) || 0), seed);
}
