/** The second thread of a walk: works on what it is given, and shares it when the first thread has nothing left. */
import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { Judge } from './judge.ts';
import { Places } from './places.ts';
import { planSearches } from './search-plan.ts';
import { cells, type ThreadOrder, type ThreadReport, type ThreadTask } from './shared-walk.ts';
import { createImporter, takeHalf } from './units.ts';
import { Walk } from './walk.ts';

/** It is not the one that hears a stop message: it works until it is told, or ended. */
const noPause = () => undefined;

/** The thread entry `file`. */
export async function walkInThread(data: unknown): Promise<void> {
  const { searches, nowMs, roots, mounts, shared } = data as ThreadTask;
  const port = await firstMessage();
  const flags = new Int32Array(shared);
  const plans = planSearches(searches, nowMs);
  const places = new Places({ roots, mounts });
  const judge = new Judge(plans, places, noPause);
  const walk = new Walk(judge, places, noPause);
  const importUnit = createImporter(plans);
  const send = (report: ThreadReport) => port.postMessage(report);
  for (let batches = 0; ; ) {
    const signal = Atomics.load(flags, cells.signal);
    const order = receiveMessageOnPort(port)?.message as ThreadOrder | undefined;
    if (order === undefined) {
      Atomics.wait(flags, cells.signal, signal, 1000);
      continue;
    }
    if (order.kind === 'finish') {
      send({ kind: 'gathered', gathered: judge.gathered });
      port.close();
      return;
    }
    for (const unit of order.units) walk.units.push(importUnit(unit));
    batches++;
    for (let unit = walk.units.pop(); unit !== undefined; unit = walk.units.pop()) {
      const working = walk.work(unit);
      if (working !== undefined) await working;
      if (walk.units.length > 1 && Atomics.compareExchange(flags, cells.isWanting, 1, 0) === 1) {
        send({ kind: 'units', units: takeHalf(walk.units) });
      }
    }
    Atomics.store(flags, cells.idleAfter, batches);
  }
}

function firstMessage(): Promise<MessagePort> {
  return new Promise((resolve) => parentPort!.once('message', resolve));
}
