/**
 * One walk by two threads. Each works on units of its own; the one that runs out gets half of the other's, those that
 * lie nearest to the roots. The second thread starts only when a walk turns out to be worth it.
 */
import type { MessagePort } from 'node:worker_threads';
import type { RunContext, Thread } from '@mig/module';
import type { Search } from './file-parameters.ts';
import type { Gathered } from './gathered.ts';
import type { PlaceList } from './places.ts';
import type { SearchPlan } from './search-plan.ts';
import { createImporter, type PortableUnit, takeHalf } from './units.ts';
import type { Walk } from './walk.ts';

/** How long a walk runs alone before a second thread is worth its start. */
const patienceMs = 8;

/** Cells of the memory that both threads see. */
export const cells = { signal: 0, idleAfter: 1, isWanting: 2, count: 3 } as const;

/** What the second thread is started with; the port follows in the first message. */
export interface ThreadTask extends PlaceList {
  readonly searches: Readonly<Record<string, Search>>;
  readonly nowMs: number;
  readonly shared: SharedArrayBuffer;
}

/** From the second thread: half of its units, or all it found. */
export type ThreadReport =
  | { readonly kind: 'units'; readonly units: readonly PortableUnit[] }
  | { readonly kind: 'gathered'; readonly gathered: Gathered };

/** To the second thread. */
export type ThreadOrder =
  | { readonly kind: 'units'; readonly units: readonly PortableUnit[] }
  | { readonly kind: 'finish' };

/** What a walk needs of the run that it is part of. */
export type WalkContext = Pick<RunContext<unknown>, 'breathe' | 'signal' | 'startThread' | 'warn'>;

/** Works until no units are left, here or in a second thread; gives what that thread gathered, when there was one. */
export async function workTogether(
  walk: Walk,
  context: WalkContext,
  task: Omit<ThreadTask, 'shared'>,
  plans: readonly SearchPlan[],
): Promise<Gathered | undefined> {
  const started = Date.now();
  const importUnit = createImporter(plans);
  let partner: Partner | undefined;
  let isAlone = false;
  try {
    for (;;) {
      for (let unit = walk.units.pop(); unit !== undefined; unit = walk.units.pop()) {
        const working = walk.work(unit);
        if (working !== undefined) await working;
        if (walk.units.length > 1) {
          if (partner?.isIdle) partner.give(takeHalf(walk.units));
          else if (partner === undefined && !isAlone && Date.now() - started > patienceMs) {
            partner = Partner.start(context, task);
            isAlone = partner === undefined;
          }
        }
        const pause = context.breathe();
        if (pause !== undefined) await pause;
      }
      const more = await partner?.take();
      if (more === undefined) return await partner?.finish();
      for (const unit of more) walk.units.push(importUnit(unit));
    }
  } finally {
    partner?.end();
  }
}

/** Loaded with the second thread: most walks need none. */
const threads = () => process.getBuiltinModule('node:worker_threads');

/** The second thread, as the first one sees it. */
class Partner {
  readonly #thread: Thread;
  readonly #port: MessagePort;
  readonly #cells: Int32Array;
  readonly #failure: Promise<never>;
  readonly #receive = threads().receiveMessageOnPort;
  #given = 0;

  /** Starts the second thread; undefined where there are none. */
  static start(context: WalkContext, task: Omit<ThreadTask, 'shared'>): Partner | undefined {
    const shared = new SharedArrayBuffer(cells.count * 4);
    const thread = context.startThread('file', { ...task, shared } satisfies ThreadTask);
    return thread === undefined ? undefined : new Partner(thread, shared);
  }

  constructor(thread: Thread, shared: SharedArrayBuffer) {
    const { port1, port2 } = new (threads().MessageChannel)();
    this.#thread = thread;
    this.#port = port1;
    this.#cells = new Int32Array(shared);
    this.#failure = new Promise((_, reject) => void thread.on('error', reject));
    this.#failure.catch(() => {});
    thread.postMessage(port2, [port2]);
  }

  /** Whether it has done all that it was given. */
  get isIdle(): boolean {
    return Atomics.load(this.#cells, cells.idleAfter) === this.#given;
  }

  give(units: readonly PortableUnit[]): void {
    this.#given++;
    this.#send({ kind: 'units', units });
  }

  /** Half of its units, or undefined when it has none left either. */
  async take(): Promise<readonly PortableUnit[] | undefined> {
    Atomics.store(this.#cells, cells.isWanting, 1);
    for (;;) {
      const isIdle = this.isIdle;
      // What it sent before it was idle has arrived; it sends nothing after.
      const report = this.#next();
      if (report?.kind === 'units') return report.units;
      if (isIdle) return undefined;
      await this.#arrival();
    }
  }

  /** Lets it end, and gives what it gathered. */
  async finish(): Promise<Gathered> {
    this.#send({ kind: 'finish' });
    for (;;) {
      const report = this.#next();
      if (report?.kind === 'gathered') return report.gathered;
      await this.#arrival();
    }
  }

  /** Ends it, whatever it does. */
  end(): void {
    this.#port.close();
    void this.#thread.terminate();
  }

  #send(order: ThreadOrder): void {
    this.#port.postMessage(order);
    Atomics.add(this.#cells, cells.signal, 1);
    Atomics.notify(this.#cells, cells.signal);
  }

  #next(): ThreadReport | undefined {
    return this.#receive(this.#port)?.message as ThreadReport | undefined;
  }

  /** Waits a little: the port is read by hand, so that no message is taken from under a walk that polls it. */
  #arrival(): Promise<void> {
    return Promise.race([new Promise<void>((resolve) => setTimeout(resolve, 1)), this.#failure]);
  }
}
