/** The test kit's half for modules that stay: an instance in this process, asked through its real socket. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { AnyModule } from '../contract/define-module.ts';
import { decodeMessage, encodeMessage, type Message } from '../contract/messages.ts';
import type { AnyPersistentModule, RaisedAlert } from '../contract/persistent-module.ts';
import { linesOf } from '../host/lines.ts';
import { runModule } from '../host/run-module.ts';
import { runPersistentHost } from '../persistent/persistent-host.ts';
import { assertResult, type ResultOf } from './assert-result.ts';

/** An instance under test. */
export interface TestedInstance<M extends AnyModule = AnyModule> {
  /** The alerts that it raised so far. */
  readonly alerts: readonly { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[];
  /** The lines that it logged so far. */
  readonly logs: readonly string[];
  /** Where it is asked. */
  readonly socketPath: string;
  /** Where it keeps what the next instance is to know. */
  readonly stateDirectory: string;
  /** Its exit status, once it has ended. */
  readonly ended: Promise<number>;
  /** Asks it as an agent does, and asserts the result rules. */
  ask(parameters: unknown): Promise<ResultOf<M>>;
  /** Resolves once `isThere` holds for the alerts and logs; rejects after 20 s, or once it has ended, with what there was. */
  until(isThere: () => boolean): Promise<void>;
  /** Hands it an alert of another module. */
  forward(alert: RaisedAlert): void;
  /** Sends a ping, and resolves with the answer. */
  ping(): Promise<void>;
  /** Stops it and gives its exit status. */
  stop(): Promise<number>;
}

/** Longest wait of `until`. */
const patienceMs = 20_000;

/**
 * Starts `module` with `config`; resolves once it has registered its socket, or has ended. Its state directory is a new
 * one, and removed when it has ended, unless the one of an instance before is given.
 */
export async function startInstance<M extends AnyPersistentModule>(
  module: M,
  config: unknown = {},
  state?: { readonly directory: string },
): Promise<TestedInstance<M>> {
  const folder = mkdtempSync(join(tmpdir(), 'mig-instance-'));
  const socketPath = join(folder, `${module.name}.sock`);
  const stateDirectory = state?.directory ?? join(folder, 'state');
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  const input = new PassThrough();
  const output = new PassThrough();
  const heard = new Heard();
  const send = (message: Message) => void input.write(encodeMessage(message));
  const ended = runPersistentHost(module, { input, output, socketPath }).then((status) => {
    output.end();
    return status;
  });
  const listening = heard.listen(output);
  void ended.then(async () => {
    await listening;
    rmSync(folder, { recursive: true, force: true });
  });
  send({
    class: 'config',
    parameters: { config, hostname: 'tested', statedir: stateDirectory, environment: {}, tags: {} },
  });
  await Promise.race([heard.registered, ended]);
  return {
    alerts: heard.alerts,
    logs: heard.logs,
    socketPath,
    stateDirectory,
    ended,
    async ask(parameters) {
      const result = await runModule(module, parameters, { persistsock: socketPath });
      assertResult(module, result);
      return result;
    },
    until: (isThere) => heard.until(isThere),
    forward: ({ fields, ...alert }) => send({ class: 'alert', parameters: { ...alert, fields: { ...fields } } }),
    async ping() {
      const before = heard.pings;
      send({ class: 'ping' });
      await heard.until(() => heard.pings > before);
    },
    async stop() {
      send({ class: 'stop' });
      const status = await ended;
      await listening;
      return status;
    },
  };
}

class Heard {
  readonly alerts: { message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  readonly logs: string[] = [];
  pings = 0;
  #isOver = false;
  readonly registered: Promise<void>;
  #register: () => void = () => {};
  #waiting: (() => void)[] = [];

  constructor() {
    this.registered = new Promise((resolve) => {
      this.#register = resolve;
    });
  }

  async listen(output: PassThrough): Promise<void> {
    for await (const line of linesOf(output)) {
      this.#take(decodeMessage(line));
      for (const wake of this.#waiting.splice(0)) wake();
    }
    this.#isOver = true;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async until(isThere: () => boolean): Promise<void> {
    const late = Date.now() + patienceMs;
    while (!isThere()) {
      if (this.#isOver || Date.now() > late) {
        const said = JSON.stringify({ alerts: this.alerts.slice(-5), logs: this.logs.slice(-5) });
        throw new Error(`what was waited for did not come; ${this.alerts.length} alerts, the last: ${said}`);
      }
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        setTimeout(resolve, 50);
      });
    }
  }

  #take(message: Message): void {
    if (message.class === 'register') this.#register();
    if (message.class === 'ping') this.pings++;
    if (message.class === 'log') this.logs.push(message.parameters.message);
    if (message.class === 'alert') {
      const { message: text, fields = {} } = message.parameters;
      this.alerts.push({ message: text, fields });
    }
  }
}
