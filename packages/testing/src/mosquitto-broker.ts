/** Debian's mosquitto with the configuration of docs/brokers.md. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockOf, listens } from './broker-page.ts';
import { freePort } from './free-port.ts';
import type { TestAuthority } from './test-authority.ts';

export interface MosquittoBroker {
  /** The listener for agents, and the one for the platform. */
  readonly agentPort: number;
  readonly platformPort: number;
  /** Lets it hang: it stays connected, and answers nothing any more. */
  freeze(): void;
  /** Kills it. */
  stop(): Promise<void>;
  /** Starts it again, on the same ports. */
  start(): Promise<void>;
}

/** Starts the broker with its files in `folder`; resolves once it listens. */
export async function startMosquitto(
  folder: string,
  authority: TestAuthority,
  fleet: string,
): Promise<MosquittoBroker> {
  const [agentPort, platformPort] = [await freePort(), await freePort()];
  const files = join(folder, 'mosquitto');
  mkdirSync(files);
  const { cert, key } = await authority.issue('broker', 'server');
  const put = (name: string, content: string) => writeFileSync(join(files, name), content, { mode: 0o600 });
  put('ca.crt', authority.ca);
  put('server.crt', cert);
  put('server.key', key);
  const adapted = (name: string) =>
    blockOf(name)
      .replaceAll('/etc/mosquitto/mig', files)
      .replaceAll('mig/lab/', `mig/${fleet}/`)
      .replace('listener 8883', `listener ${agentPort} 127.0.0.1`)
      .replace('listener 8884', `listener ${platformPort}`);
  put('acl', adapted('mosquitto acl'));
  put('mosquitto.conf', `user root\n${adapted('mosquitto.conf')}`);
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  const broker: MosquittoBroker = {
    agentPort,
    platformPort,
    async start() {
      const started = spawn('mosquitto', ['-c', join(files, 'mosquitto.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk));
      child = started;
      ended = new Promise((resolve) => started.once('close', resolve));
      for (const port of [agentPort, platformPort]) {
        while (!(await listens(port))) if (started.exitCode !== null) throw new Error(`mosquitto ended: ${said}`);
      }
    },
    freeze: () => void child?.kill('SIGSTOP'),
    async stop() {
      child?.kill('SIGKILL');
      await ended;
    },
  };
  await broker.start();
  return broker;
}
