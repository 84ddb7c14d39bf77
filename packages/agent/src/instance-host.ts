/** `mig-agent -P NAME`: this process is the instance of a module that stays. Messages on standard input and output. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeMessage, isPersistent } from '@mig/module';
import { persistentExit, runPersistentHost } from '@mig/module/host';
import { available } from '@mig/modules';

export interface InstanceCommand {
  readonly name: string;
  /** Where the socket is made; undefined for a new temporary directory, by hand; it is removed at the end. */
  readonly socketPath: string | undefined;
}

/** Runs the instance to its end, and gives the exit status: see `persistentExit`; 2 when there is no such module. */
export async function runInstance({ name, socketPath }: InstanceCommand): Promise<number> {
  const module = available.find(name);
  if (module === undefined || !isPersistent(module)) {
    const names = available.modules.filter(isPersistent).map((one) => one.name);
    const what = module === undefined ? `no module is called '${name}'` : `module ${name} does not stay, -m runs it`;
    process.stderr.write(`mig-agent: -P: ${what}: expected one of ${names.join(', ')}\n`);
    return 2;
  }
  process.once('uncaughtException', crash);
  process.stdout.on('error', () => {}); // The agent has gone: the end of standard input says so too.
  const stopper = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopper.abort(new Error(signal)));
  const own = socketPath === undefined ? mkdtempSync(join(tmpdir(), 'mig-instance-')) : undefined;
  const status = await runPersistentHost(module, {
    input: process.stdin,
    output: process.stdout,
    socketPath: socketPath ?? join(own!, `${name}.sock`),
    signal: stopper.signal,
  });
  if (own !== undefined) rmSync(own, { recursive: true, force: true });
  await written();
  return status;
}

/** An error that nothing in the module caught: the stack for the log, the reason as the last thing that it says. */
function crash(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  const message = `it crashed: ${error instanceof Error ? error.message : String(error)}`;
  process.stdout.write(encodeMessage({ class: 'log', parameters: { message } }));
  void written().then(() => process.exit(persistentExit.failed));
}

/** Resolves once standard output has taken everything, or the agent has not for a second. */
function written(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write('', () => resolve());
    setTimeout(resolve, 1_000);
  });
}
