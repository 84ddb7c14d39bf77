/** The instance of examplepersist: two counters and a timer. */
import { type Instance, type PersistentContext, parseDuration } from '@mig/module';
import type { Config, Elements, Parameters, Statistics } from './examplepersist.ts';

/** Starts to count; what it knows is lost when it ends. */
export function startCounting(context: PersistentContext<Config>): Instance<Parameters, Elements, Statistics> {
  let asked = 0;
  let ticks = 0;
  const timer = setInterval(() => {
    ticks++;
    context.log(`well after ${ticks} intervals, asked ${asked} times`);
  }, parseDuration(context.config.interval)!);
  return {
    async query({ parameters }) {
      asked++;
      return { foundanything: true, elements: { string: parameters.string }, statistics: { asked, ticks } };
    },
    async stop() {
      clearInterval(timer);
    },
  };
}
