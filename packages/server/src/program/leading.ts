/** One scheduler works at a time; the others wait until it is gone. */
import { setTimeout } from 'node:timers/promises';
import type { Relay } from '@mig/relay';
import { turns } from '../database/in-turn.ts';
import type { Database } from '../database/open-database.ts';
import { type Scheduler, startScheduler } from '../scheduler/scheduler.ts';
import type { Settings } from '../settings/settings.ts';

export interface LeadingOptions {
  readonly settings: Settings;
  readonly database: Database;
  readonly relay: Relay;
  readonly log: (message: string) => void;
}

const pauseMs = 1_000;

/** Begins to wait for its turn, and schedules while it lasts; when the turn is lost, it waits again. */
export function startLeading(options: LeadingOptions): { close(): Promise<void> } {
  const closing = new AbortController();
  const { signal } = closing;
  const running = (async () => {
    let trouble = '';
    while (!signal.aborted) {
      try {
        await lead(options, signal);
        trouble = '';
      } catch (error) {
        if (signal.aborted) return;
        // Once, not each second that the database is away.
        const { message } = error as Error;
        if (message !== trouble) options.log(`scheduler: ${message}; trying again`);
        trouble = message;
        await setTimeout(pauseMs, undefined, { signal }).catch(() => {});
      }
    }
  })();
  return {
    async close() {
      closing.abort();
      await running;
    },
  };
}

/** One turn, from the wait for it to its end. */
async function lead(options: LeadingOptions, signal: AbortSignal): Promise<void> {
  const { database, log } = options;
  let end: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  signal.addEventListener('abort', end, { once: true });
  const turn = await database.hold(turns.scheduler, signal, (reason) => {
    log(`scheduler: its turn is lost: ${reason.message}`);
    end();
  });
  try {
    const scheduler = await begin(options);
    await over;
    await scheduler.close();
  } finally {
    signal.removeEventListener('abort', end);
    await turn.release();
  }
}

function begin({ settings, database, relay, log }: LeadingOptions): Promise<Scheduler> {
  const { graceseconds, idleminutes, offlineminutes } = settings.scheduler;
  return startScheduler({
    database,
    relay,
    log,
    settings: { graceSeconds: graceseconds, idleMinutes: idleminutes, offlineMinutes: offlineminutes },
  });
}
