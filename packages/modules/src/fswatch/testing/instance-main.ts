/**
 * fswatch as a process of its own, for tests that start it where the system says no: its configuration is the argument.
 * Prints what a question is answered whenever a line comes in, and alerts as they are raised.
 */
import { createInterface } from 'node:readline';
import { startInstance } from '@mig/module/testing';
import { fswatch } from '../fswatch.ts';

const instance = await startInstance(fswatch, JSON.parse(process.argv[2]!));
let printed = 0;
const timer = setInterval(() => {
  for (const { fields } of instance.alerts.slice(printed)) print({ alert: fields });
  printed = instance.alerts.length;
}, 20);
for await (const _ of createInterface(process.stdin)) print({ result: await instance.ask({}), logs: instance.logs });
clearInterval(timer);
await instance.stop();

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
