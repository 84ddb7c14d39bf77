/** The second thread of a walk: works on what it is given, and shares it when the first thread has nothing left. */
import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { Judge } from './judge.ts';
import { planSearch } from './search-plan.ts';
import { cells, type ThreadOrder, type ThreadReport, type ThreadTask } from './shared-walk.ts';
import { createImporter, toPortable, Walk } from './walk.ts';

/** The thread entry `file`. */
export async function walkInThread(data: unknown): Promise<void> {
  const { parameters, nowMs, roots, mounts, shared } = data as ThreadTask;
  const port = await firstMessage();
  const flags = new Int32Array(shared);
  const plans = Object.entries(parameters.searches).map(([label, search]) => planSearch(label, search, nowMs));
  const judge = new Judge(() => undefined);
  const walk = new Walk(judge, { roots, mounts }, () => undefined);
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
      await walk.work(unit);
      if (walk.units.length > 1 && Atomics.compareExchange(flags, cells.isWanting, 1, 0) === 1) {
        send({ kind: 'units', units: walk.units.splice(0, Math.ceil(walk.units.length / 2)).map(toPortable) });
      }
    }
    Atomics.store(flags, cells.idleAfter, batches);
  }
}

function firstMessage(): Promise<MessagePort> {
  return new Promise((resolve) => parentPort!.once('message', resolve));
}
