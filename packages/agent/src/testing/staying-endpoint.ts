/** An endpoint for a test, with files of modules that stay, an agent that runs them, and ways to ask how they are. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResultMessage } from '@mig/action';
import { runModule } from '@mig/module/host';
import { expect } from 'vitest';
import type { Status } from '../status/status.ts';
import { askStatus } from '../status/status-socket.ts';
import type { AgentProcess, FleetOfOne } from './fleet-of-one.ts';
import { available } from './staying-modules.ts';

export type StayingModule = Status['persistent'][number];

export class StayingEndpoint {
  readonly fleet: FleetOfOne;
  process: AgentProcess;

  constructor(fleet: FleetOfOne, files: Readonly<Record<string, string>>, settings: string) {
    this.fleet = fleet;
    fleet.configure(settings);
    mkdirSync(fleet.places.modules, { recursive: true });
    for (const [name, toml] of Object.entries(files)) this.write(name, toml);
    this.process = fleet.start();
  }

  write(name: string, toml: string): void {
    writeFileSync(join(this.fleet.places.modules, `${name}.toml`), toml);
  }

  async module(name: string): Promise<StayingModule | undefined> {
    try {
      return (await askStatus(this.fleet.places.socket)).persistent.find((one) => one.name === name);
    } catch {
      return undefined;
    }
  }

  /** Resolves with how the module is, once it is as `wanted` says. */
  async until(name: string, wanted: (module: StayingModule) => boolean): Promise<StayingModule> {
    let last: StayingModule | undefined;
    await expect
      .poll(
        async () => {
          last = await this.module(name);
          if (this.process.child.exitCode !== null) return true;
          return last !== undefined && wanted(last);
        },
        { timeout: 25_000 },
      )
      .toBe(true)
      .catch((error: Error) => {
        throw new Error(`${error.message}: ${JSON.stringify(last)}\n${this.process.output()}`);
      });
    if (this.process.child.exitCode !== null) throw new Error(`the agent ended: ${this.process.output()}`);
    return last!;
  }

  /** Asks the instance of a module by its socket, as `mig-agent -m` does. */
  async askHere(module: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    const persistsock = this.fleet.places.socketOf(module);
    return (await runModule(available.get(module), parameters, { persistsock })) as Answer;
  }

  runs(name: string): Promise<StayingModule> {
    return this.until(name, ({ state }) => state === 'running');
  }

  /** Asks a module by an action, and gives its result. */
  async ask(module: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    const id = await this.fleet.ask([{ module, parameters }]);
    const { results } = await this.fleet.next('result', ({ commandid }) => commandid === id);
    return (results as NonNullable<ResultMessage['results']>)[0] as Answer;
  }
}

export type Answer = {
  readonly success: boolean;
  readonly elements: { readonly pid: number; readonly note: string; readonly heard: readonly string[] };
  readonly statistics: { readonly asked: number; readonly dropped: number };
  readonly errors: readonly string[] | null;
};
