/** A whole platform for a test, of the built programs: server, agents, an investigator. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ActionInput,
  type CreatedKey,
  createAction,
  createEnvelope,
  createKey,
  type Envelope,
  encodeAction,
  type Operation,
  signEnvelope,
} from '@mig/action';
import {
  type ActionSummary,
  type Client,
  type CommandItem,
  createClient,
  createEnrolmentToken,
  createInvestigator,
  followAction,
  createAction as launchAction,
  listCommands,
} from '@mig/api';
import { Agent, fetch } from 'undici';
import { type CuttableWire, startWire } from './cuttable-wire.ts';
import { freePort } from './free-port.ts';
import { makeQuickFolder } from './quick-folder.ts';
import { copyServerData, writeServerSettings } from './server-data.ts';
import { startProcess, type TestProcess } from './test-process.ts';

/** As much of an entry of the journal as tests look at. */
export interface JournalEntry {
  readonly entry: string;
  readonly actionid: string;
}

export interface TestAgent {
  readonly id: string;
  readonly name: string;
  readonly configDirectory: string;
  readonly stateDirectory: string;
  /** Between it and the broker. */
  readonly wire: CuttableWire;
  /** Starts it; resolves once it is connected, with `isAwaited` false at once. */
  start(isAwaited?: boolean): Promise<TestProcess>;
  /** The process that was started last. */
  readonly process: TestProcess;
  /** What its journal files hold, oldest first: every line, so that what was done twice is there twice. */
  journal(): readonly JournalEntry[];
}

export interface TestPlatform {
  readonly folder: string;
  readonly fleet: string;
  /** Of the API. */
  readonly url: string;
  /** File with the CA certificate. */
  readonly ca: string;
  readonly datadir: string;
  /** The API, as the owner of the data directory may use it. */
  readonly client: Client;
  readonly investigator: CreatedKey;
  readonly passphrase: string;
  /** The process of the server that was started last. */
  readonly server: TestProcess;
  /** Starts the server, on the same data and ports as before; resolves once it serves. */
  startServer(): Promise<TestProcess>;
  /** Enrols an agent that trusts the investigator, without starting it. */
  enrol(name: string, settings?: string): Promise<TestAgent>;
  sign(operations: readonly Operation[], input?: Partial<ActionInput>): Promise<Envelope>;
  /** Signs an action and launches it. */
  launch(operations: readonly Operation[], input?: Partial<ActionInput>): Promise<ActionSummary>;
  /** Follows an action to its end; gives the commands that the stream brought, in order, and the action as it ended. */
  follow(
    id: string,
    onCommand?: (command: CommandItem) => void,
  ): Promise<{ commands: CommandItem[]; end: ActionSummary }>;
  /** The commands of an action, by the name of the agent. */
  commands(id: string): Promise<CommandItem[]>;
  /** Starts `mig` as the investigator. */
  mig(words: readonly string[]): TestProcess;
  /** Starts `mig-console` as the investigator. */
  console(): TestProcess;
  /** The investigator's configuration: a file. */
  readonly settings: string;
}

const passphrase = 'correct horse';

/** Calls `use` with a platform whose server runs; ends everything that was started afterwards. */
export async function withPlatform(use: (platform: TestPlatform) => Promise<void>): Promise<void> {
  const { platform, close } = await openPlatform();
  try {
    await use(platform);
  } finally {
    await close();
  }
}

/** A broker in the place of the embedded one: it listens at `port`, asks the server at `authorizer`, and may be stopped. */
export type OtherBroker = (place: {
  readonly folder: string;
  readonly datadir: string;
  readonly port: number;
  readonly authorizer: number;
}) => Promise<{ stop(): Promise<void> }>;

/** The same for several tests: a platform whose server runs, until `close` ends everything that was started. */
export async function openPlatform(
  broker?: OtherBroker,
): Promise<{ platform: TestPlatform; close: () => Promise<void> }> {
  const folder = makeQuickFolder('mig-platform-');
  const started: TestProcess[] = [];
  const closing: (() => Promise<unknown>)[] = [];
  const run: typeof startProcess = (...given) => {
    const process = startProcess(...given);
    started.push(process);
    return process;
  };
  const close = async () => {
    await Promise.all(started.map((process) => process.kill()));
    await Promise.all(closing.map((end) => end()));
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  try {
    return { platform: await startPlatform(folder, run, closing, broker), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startPlatform(
  folder: string,
  run: typeof startProcess,
  closing: (() => Promise<unknown>)[],
  broker: OtherBroker | undefined,
): Promise<TestPlatform> {
  const datadir = join(folder, 'server');
  await copyServerData(datadir);
  const [api, relay, websocket] = await Promise.all([freePort(), freePort(), freePort()]);
  const configuration = join(folder, 'mig-server.toml');
  const authorizer = broker === undefined ? undefined : await freePort();
  writeServerSettings(configuration, {
    datadir,
    api,
    relay,
    websocket,
    ...(authorizer === undefined ? {} : { rabbitmq: authorizer }),
  });
  let server: TestProcess;
  const startServer = async () => {
    server = run('mig-server', ['--config', configuration, '--owned']);
    await server.said(/^\{"ready":true/m);
    return server;
  };
  const [investigator] = await Promise.all([
    createKey({ name: 'Dana', passphrase, now: new Date(Date.now() - 60_000) }),
    startServer(),
  ]);
  if (broker !== undefined) {
    const other = await broker({ folder, datadir, port: relay, authorizer: authorizer! });
    closing.push(() => other.stop());
  }
  const dispatcher = new Agent({ connect: { socketPath: join(datadir, 'admin.sock') }, bodyTimeout: 0 });
  closing.push(() => dispatcher.destroy());
  const client = createClient({
    url: 'http://localhost',
    fetch: (url, init) => fetch(url, { ...init, dispatcher }) as unknown as ReturnType<typeof globalThis.fetch>,
  });
  await client.call(createInvestigator, {
    body: { name: 'Dana', publickey: investigator.publicKey, permissions: ['read', 'launch', 'admin'] },
  });
  const url = `https://127.0.0.1:${api}`;
  const ca = join(datadir, 'ca.crt');
  const settings = writeClient(join(folder, 'client'), { url, ca, investigator });

  const platform: TestPlatform = {
    folder,
    fleet: 'lab',
    url,
    ca,
    datadir,
    client,
    investigator,
    passphrase,
    get server() {
      return server;
    },
    startServer,
    async enrol(name, more = '') {
      const wire = await startWire(relay);
      closing.push(() => wire.close());
      return enrol({ platform, name, wire, run, settings: more });
    },
    async sign(operations, input = {}) {
      const action = createAction({ fleet: 'lab', name: 'a question', target: 'true', operations, ...input });
      const unsigned = createEnvelope(encodeAction(action));
      return signEnvelope(unsigned, { privateKey: investigator.privateKey, passphrase });
    },
    async launch(operations, input) {
      return client.call(launchAction, { body: await platform.sign(operations, input) });
    },
    async follow(id, onCommand = () => {}) {
      const commands: CommandItem[] = [];
      for await (const { event, data } of client.follow(followAction, { params: { id } })) {
        if (event === 'end') return { commands, end: data as ActionSummary };
        if (event !== 'command') continue;
        commands.push(data as CommandItem);
        onCommand(data as CommandItem);
      }
      throw new Error('the stream ended without an end');
    },
    async commands(id) {
      const all: CommandItem[] = [];
      for await (const command of client.items(listCommands, { params: { id } })) all.push(command);
      return all;
    },
    mig: (words) => run('mig', [...words, '--config', settings]),
    console: () => run('mig-console', ['--config', settings]),
    settings,
  };
  return platform;
}

interface ClientOrder {
  readonly url: string;
  readonly ca: string;
  readonly investigator: CreatedKey;
}

/** Writes the investigator's configuration; gives the file. */
function writeClient(directory: string, { url, ca, investigator }: ClientOrder): string {
  mkdirSync(join(directory, 'keys'), { recursive: true });
  writeFileSync(join(directory, 'keys', `${investigator.fingerprint}.key`), investigator.privateKey, { mode: 0o600 });
  writeFileSync(join(directory, 'passphrase'), `${passphrase}\n`, { mode: 0o600 });
  const file = join(directory, 'config.toml');
  writeFileSync(file, `url = "${url}"\nca = ${JSON.stringify(ca)}\nfleet = "lab"\npassphrase.file = "passphrase"\n`);
  return file;
}

interface EnrolOrder {
  readonly platform: TestPlatform;
  readonly name: string;
  readonly wire: CuttableWire;
  readonly run: typeof startProcess;
  readonly settings: string;
}

async function enrol({ platform, name, wire, run, settings }: EnrolOrder): Promise<TestAgent> {
  const { folder, url, client, investigator } = platform;
  const configDirectory = join(folder, name, 'etc');
  const stateDirectory = join(folder, name, 'var');
  mkdirSync(join(configDirectory, 'keys'), { recursive: true });
  writeFileSync(join(configDirectory, 'keys', 'dana.asc'), investigator.publicKey);
  const { fingerprint } = investigator;
  const permission = { minimumweight: 1, investigators: { Dana: { fingerprint, weight: 1 } } };
  writeFileSync(join(configDirectory, 'acl.json'), JSON.stringify({ default: permission }));
  const urls = JSON.stringify([`mqtts://127.0.0.1:${wire.port}`]);
  writeFileSync(join(configDirectory, 'mig-agent.toml'), `name = "${name}"\nrelay.urls = ${urls}\n${settings}`);
  const { token } = await client.call(createEnrolmentToken, { body: { name, uses: 1 } });
  const directories = ['--config-dir', configDirectory, '--state-dir', stateDirectory];
  const enrolling = run('mig-agent', ['enrol', '--server', url, '--token', token, ...directories]);
  if ((await enrolling.ended) !== 0) throw new Error(`agent ${name} did not enrol: ${enrolling.output()}`);
  const file = readFileSync(join(configDirectory, 'enrolment.json'), 'utf8');
  let current: TestProcess | undefined;
  return {
    id: (JSON.parse(file) as { agentid: string }).agentid,
    name,
    configDirectory,
    stateDirectory,
    wire,
    async start(isAwaited = true) {
      current = run('mig-agent', [...directories, '--owned']);
      if (isAwaited) await current.said(/connected to the platform/);
      return current;
    },
    get process() {
      if (current === undefined) throw new Error(`agent ${name} was not started`);
      return current;
    },
    journal() {
      const directory = join(stateDirectory, 'journal');
      const files = readdirSync(directory).filter((file) => file.endsWith('.jsonl'));
      const lines = files.sort().flatMap((file) => readFileSync(join(directory, file), 'utf8').split('\n'));
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JournalEntry);
    },
  };
}
