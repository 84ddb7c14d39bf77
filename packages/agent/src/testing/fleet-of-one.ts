/** A fleet for a test: a broker, an investigator, and one endpoint with a real agent process; the test is the platform. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ActionInput,
  type AlertMessage,
  type CreatedKey,
  createAction,
  createEnvelope,
  createKey,
  createUuid,
  type Envelope,
  encodeAction,
  type MessageKind,
  type MessageOf,
  type Operation,
  signEnvelope,
} from '@mig/action';
import type { Received, Relay } from '@mig/relay';
import { type Lifetime, type TestRelay, withRelay } from '@mig/testing';
import { placesIn } from '../settings/places.ts';
import type { BuiltAgent } from './built-agent.ts';

export const passphrase = 'correct horse';

export interface FleetOfOne {
  readonly agentId: string;
  readonly relay: TestRelay;
  readonly platform: Relay;
  readonly investigator: CreatedKey;
  readonly places: ReturnType<typeof placesIn>;
  /** Everything that the agent has said, in order. */
  readonly heard: readonly Received[];
  /** Resolves with the first message of `kind` that `fits`, said already or not yet. */
  next<Kind extends MessageKind>(kind: Kind, fits?: (message: MessageOf<Kind>) => boolean): Promise<MessageOf<Kind>>;
  /** Writes mig-agent.toml. */
  configure(toml: string): void;
  /** Starts the agent with `words` and its directories; as a child of the program `under`, where that is given. */
  start(words?: readonly string[], under?: readonly string[], stateDirectory?: string): AgentProcess;
  /** Signs an action as the investigator. */
  sign(
    operations: readonly Operation[],
    input?: Partial<ActionInput>,
  ): Promise<{ readonly id: string; readonly envelope: Envelope }>;
  /** Sends an action as a command; gives the ids. */
  send(signed: { readonly id: string; readonly envelope: Envelope }, commandId?: string): Promise<string>;
  /** Signs and sends; gives the command's id. */
  ask(operations: readonly Operation[], input?: Partial<ActionInput>): Promise<string>;
  acknowledge(commandId: string): Promise<void>;
  /** Hands alerts to `take` as they come, from now on. */
  onAlert(take: (alert: AlertMessage) => Promise<void>): void;
}

/** How the endpoint begins: enrolled, unless it says otherwise. */
export interface EnrolmentWish {
  readonly isMissing?: boolean;
  /** Of the agent's certificate. */
  readonly lifetime?: Lifetime;
}

export interface AgentProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it wrote so far. */
  output(): string;
  /** Resolves with the exit status, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/** What an agent may say and the platform hears. */
const kinds = ['hello', 'heartbeat', 'presence', 'result', 'alert'] as const;

/** Calls `use` with the fleet, and ends what was started afterwards. */
export function withFleetOfOne(
  agent: BuiltAgent,
  use: (fleet: FleetOfOne) => Promise<void>,
  enrolment: EnrolmentWish = {},
): Promise<void> {
  return withRelay(async (relay) => {
    const folder = mkdtempSync(join(tmpdir(), 'mig-endpoint-'));
    const places = placesIn(join(folder, 'etc'), join(folder, 'var'));
    const agentId = createUuid();
    const investigator = await createKey({ name: 'Dana', passphrase, now: new Date(Date.now() - 60_000) });
    const { cert, key } = await relay.authority.issue(agentId, 'agent', relay.fleet, enrolment.lifetime);
    mkdirSync(places.keys, { recursive: true });
    writeFileSync(join(places.keys, 'dana.asc'), investigator.publicKey);
    const permission = {
      minimumweight: 1,
      investigators: { Dana: { fingerprint: investigator.fingerprint, weight: 1 } },
    };
    writeFileSync(places.acl, JSON.stringify({ default: permission }));
    const enrolmentFile = {
      agentid: agentId,
      fleet: relay.fleet,
      api: 'https://127.0.0.1:1',
      relay: [relay.broker.url],
    };
    if (!enrolment.isMissing) {
      writeFileSync(places.privateKey, key, { mode: 0o600 });
      writeFileSync(places.certificate, cert);
      writeFileSync(places.authority, relay.authority.ca);
      writeFileSync(places.enrolment, JSON.stringify(enrolmentFile));
    }
    const platform = await relay.platform();
    const { heard, next, onAlert } = await listen(platform);
    const processes: AgentProcess[] = [];

    const start = (words: readonly string[] = [], under: readonly string[] = [], state = places.stateDirectory) => {
      const directories = ['--config-dir', places.configDirectory, '--state-dir', state];
      const started = startAgent(agent, [...words, ...directories], under);
      processes.push(started);
      return started;
    };
    const sign = async (operations: readonly Operation[], input: Partial<ActionInput> = {}) => {
      const action = createAction({ fleet: relay.fleet, name: 'a question', target: 'all', operations, ...input });
      const unsigned = createEnvelope(encodeAction(action));
      const envelope = await signEnvelope(unsigned, { privateKey: investigator.privateKey, passphrase });
      return { id: action.id, envelope };
    };
    const send: FleetOfOne['send'] = async ({ id, envelope }, commandid = createUuid()) => {
      const senttime = new Date().toISOString();
      await platform.publish('command', agentId, { commandid, actionid: id, envelope, senttime });
      return commandid;
    };
    try {
      await use({
        agentId,
        relay,
        platform,
        investigator,
        places,
        heard,
        next,
        configure: (toml) => writeFileSync(places.settings, toml),
        start,
        onAlert,
        sign,
        send,
        ask: async (operations, input) => send(await sign(operations, input)),
        acknowledge: (id) => platform.publish('acknowledgement', agentId, { of: 'result', id, outcome: 'stored' }),
      });
    } finally {
      for (const { child } of processes) child.kill('SIGKILL');
      await Promise.all(processes.map(({ ended }) => ended));
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  });
}

/** Keeps what is heard, so that a test may ask for it before and after it came. */
async function listen(platform: Relay) {
  const heard: Received[] = [];
  const waiting = new Set<() => void>();
  let takeAlert: (alert: AlertMessage) => Promise<void> = async () => {};
  await platform.consume(kinds, async (received) => {
    heard.push(received);
    if (received.kind === 'alert') await takeAlert(received.message);
    for (const look of waiting) look();
  });
  const next: FleetOfOne['next'] = (kind, fits = () => true) =>
    new Promise((resolve) => {
      const look = () => {
        const found = heard.find((one) => one.kind === kind && fits(one.message as never));
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found.message as never);
      };
      waiting.add(look);
      look();
    });
  const onAlert: FleetOfOne['onAlert'] = (take) => {
    takeAlert = take;
  };
  return { heard, next, onAlert };
}

/** Starts `mig-agent` from its bundles, with an environment that a test cannot be misled by. */
export function startAgent(agent: BuiltAgent, words: readonly string[], under: readonly string[] = []): AgentProcess {
  const env = { PATH: process.env['PATH'] ?? '' };
  const [program, ...rest] = [...under, process.execPath, agent.script, ...words];
  const child = spawn(program!, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? code ?? -1));
  });
  return { child, pid: child.pid!, output: () => text, ended };
}
