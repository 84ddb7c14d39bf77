/** Forwards what an instance says to the agent's log: so many lines a second, the rest counted, and the last one kept. */

import type { Logger } from '@mig/daemon';
import { Pace } from '../alerts/pace.ts';
import { logPace } from './limits.ts';

/** Longest text of a line in the agent's log, in characters. */
const longestText = 2_000;

export class InstanceLog {
  readonly #log: Logger;
  readonly #module: string;
  readonly #pace = new Pace(logPace.perSecond, logPace.burst);
  #left = 0;
  /** The last thing that it said: where it ends right after, that is the reason. */
  last = '';

  constructor(log: Logger, module: string) {
    this.#log = log;
    this.#module = module;
  }

  /** Takes a line that the module logs. */
  say(text: string): void {
    this.last = text.slice(0, 500);
    if (!this.#pace.take()) {
      this.#left++;
      return;
    }
    this.tellLeft();
    const cut = text.length > longestText ? `${text.slice(0, longestText)}… (${text.length} characters)` : text;
    this.#log.info({ module: this.#module, text: cut }, 'module says');
  }

  /** Takes what the process writes on standard error: a crash of the runtime, with its stack. */
  crash(text: string): void {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    for (const line of lines) this.say(line.trimEnd());
    this.last = (lines.find((line) => /Error|FATAL/.test(line)) ?? this.last).trim().slice(0, 500);
  }

  /** Says how many lines were left out. */
  tellLeft(): void {
    if (this.#left === 0) return;
    this.#log.warn({ module: this.#module, lines: this.#left }, 'module says too much, lines were left out');
    this.#left = 0;
  }
}
