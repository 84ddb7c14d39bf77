/** Debian's RabbitMQ with the configuration of docs/brokers.md, which asks an authorizer of the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { blockOf, listens } from './broker-page.ts';
import { freePort } from './free-port.ts';
import type { TestCertificate } from './test-authority.ts';

export interface RabbitmqOptions {
  /** Where its files may lie. */
  readonly folder: string;
  /** The CA of the fleet, PEM, and a certificate of its own. */
  readonly ca: string;
  readonly own: TestCertificate;
  /** The port of whoever says who may do what. */
  readonly authorizer: number;
  /** The port it listens on; a free one where it is not given. */
  readonly port?: number;
}

export interface RabbitmqBroker {
  /** Agents and the platform come to the same. */
  readonly agentPort: number;
  readonly platformPort: number;
  /** Kills it. */
  stop(): Promise<void>;
  /** Starts it again, on the same port. */
  start(): Promise<void>;
}

const program = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/**
 * Starts the broker, listening on loopback only. Resolves once it listens; rejects where it is not installed (Debian
 * package rabbitmq-server).
 */
export async function startRabbitmq({
  folder,
  ca,
  own,
  authorizer,
  ...given
}: RabbitmqOptions): Promise<RabbitmqBroker> {
  const [port, distribution, mapper] = [given.port ?? (await freePort()), await freePort(), await freePort()];
  const files = join(folder, 'rabbitmq');
  mkdirSync(files);
  const put = (name: string, content: string) => writeFileSync(join(files, name), content, { mode: 0o600 });
  put('ca.crt', ca);
  put('server.crt', own.cert);
  put('server.key', own.key);
  const configuration = blockOf('rabbitmq.conf')
    .replaceAll('/etc/rabbitmq/mig', files)
    .replace('default = 8883', `default = 127.0.0.1:${port}`)
    .replaceAll('127.0.0.1:8886', `127.0.0.1:${authorizer}`);
  put('rabbitmq.conf', configuration);
  put('enabled_plugins', '[rabbitmq_mqtt,rabbitmq_auth_mechanism_ssl,rabbitmq_auth_backend_http].');
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: files,
    RABBITMQ_NODENAME: `mig${port}@localhost`,
    RABBITMQ_MNESIA_BASE: join(files, 'data'),
    RABBITMQ_LOG_BASE: join(files, 'log'),
    RABBITMQ_CONFIG_FILE: join(files, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(files, 'enabled_plugins'),
    RABBITMQ_DIST_PORT: String(distribution),
    ERL_EPMD_PORT: String(mapper),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  };
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  // Erlang's port mapper would outlive the broker: it is started and ended here.
  let mapping: ChildProcess | undefined;
  const broker: RabbitmqBroker = {
    agentPort: port,
    platformPort: port,
    async start() {
      mapping = spawn('epmd', ['-port', String(mapper), '-address', '127.0.0.1'], { env, stdio: 'ignore' });
      while (!(await listens(mapper)));
      const started = spawn(program, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      let said = '';
      for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk));
      child = started;
      ended = new Promise((resolve) => started.once('close', resolve));
      started.once('error', ({ message }) => (said += message));
      while (!(await listens(port))) {
        if (started.exitCode !== null || started.pid === undefined) throw new Error(`rabbitmq-server ended: ${said}`);
        await sleep(100);
      }
    },
    async stop() {
      if (child?.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await ended;
      mapping?.kill('SIGKILL');
    },
  };
  await broker.start();
  return broker;
}
