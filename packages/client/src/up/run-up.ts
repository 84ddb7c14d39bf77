/** `mig up` from its start to its end: makes what is missing, starts server and agent, watches both, stops both. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { printable } from '@mig/module';
import type { Places } from '../settings/places.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { investigatorPlaces, prepareInvestigator, registerAdministrator } from './investigator.ts';
import { withLocalAdministration } from './local-administration.ts';
import { agentIsOnline, forgetToken, prepareLocalAgent } from './local-agent.ts';
import { type Program, ProgramEnded, startProgram } from './program.ts';
import { writeServerSettings } from './server-settings.ts';
import { type UpPlaces, upPlacesOf } from './up-places.ts';
import { loadUpSettings, localAddress, type UpSettings, type UpWishes } from './up-settings.ts';
import { nextSteps } from './what-next.ts';

export interface UpOptions extends UpWishes {
  readonly directory: string | undefined;
  /** Whether the passphrase of a new key is asked for. */
  readonly asks: boolean;
}

/** The line with which `mig-server` says that it serves. */
const serverReady = /^\{"ready":true/;

/** Runs until a signal stops it, or a program that it needs ends. Gives the exit status. */
export async function runUp(options: UpOptions, own: Places, terminal: Terminal): Promise<number> {
  const up = upPlacesOf(options.directory, process.env);
  mkdirSync(up.directory, { recursive: true, mode: 0o700 });
  const settings = await loadUpSettings(up.settings, options);
  const stopped = signalled();
  const programs: Program[] = [];
  let isUp = false;
  const start = (...given: Parameters<typeof startProgram>) => {
    const program = startProgram(...given);
    programs.push(program);
    return program;
  };
  try {
    await Promise.race([stopped.stop, bringUp({ up, settings, options, own, terminal, start })]);
    isUp = true;
    const ends = programs.map(async ({ ended, log }) => new ProgramEnded(await ended, log));
    const ending = await Promise.race([stopped.stop, ...ends]);
    if (ending instanceof ProgramEnded) throw ending;
    return 0;
  } finally {
    stopped.forget();
    if (programs.length > 0) terminal.progress('stopping');
    // The agent first: then it can say goodbye.
    for (const program of programs.reverse()) await program.stop();
    terminal.progress('');
    if (programs.length > 0)
      terminal.remark(isUp ? 'platform and agent are stopped' : 'what was started is stopped again');
  }
}

interface Order {
  readonly up: UpPlaces;
  readonly settings: UpSettings;
  readonly options: UpOptions;
  readonly own: Places;
  readonly terminal: Terminal;
  readonly start: typeof startProgram;
}

async function bringUp({ up, settings, options, own, terminal, start }: Order): Promise<void> {
  const { fleet, listen, apiport, relayport } = settings;
  const host = localAddress(listen);
  const url = `https://${host}:${apiport}`;
  writeServerSettings(up, settings);
  terminal.progress('starting the platform');
  const server = start('mig-server', ['--config', up.serverSettings, '--owned'], {
    log: join(up.logs, 'mig-server.log'),
  });
  await server.said(serverReady);
  await withLocalAdministration(up.socket, async (client) => {
    const places = await investigatorPlaces(own, up);
    const { key, made } = await prepareInvestigator(places, up, { url, fleet }, options.asks);
    const registered = await registerAdministrator(client, key);
    const prepared = await prepareLocalAgent(up, { client, publicKey: key.publicKey, url });
    terminal.progress('starting the agent');
    const directories = ['--config-dir', up.agentConfig, '--state-dir', up.agentState];
    const agent = start('mig-agent', [...directories, '--owned'], {
      log: join(up.logs, 'mig-agent.log'),
      variables: { MIG_RELAY_URLS: `mqtts://${host}:${relayport}`, MIG_LOG_FORMAT: 'text' },
    });
    const name = await isConnected(agent, (signal) => agentIsOnline(client, agent.pid!, signal));
    forgetToken(up);
    for (const line of [...made, registered, ...prepared]) {
      if (line !== undefined) terminal.print(line.startsWith(' ') ? `       ${line}` : `made   ${line}`);
    }
    terminal.print(`ready  platform ${url}, fleet '${fleet}', in ${up.serverData}`);
    terminal.print(`ready  agent ${printable(name)}`);
    terminal.print(`logs   ${server.log}`);
    terminal.print(`       ${agent.log}`);
    for (const line of nextSteps({ own, places, settings, up })) terminal.print(line);
  });
}

/** Waits for the agent, but no longer than it lives. */
async function isConnected(agent: Program, wait: (signal: AbortSignal) => Promise<{ name: string }>): Promise<string> {
  const gone = new AbortController();
  const ended = agent.ended.then((ending) => {
    const reason = new ProgramEnded(ending, agent.log);
    gone.abort(reason);
    throw reason;
  });
  return (await Promise.race([wait(gone.signal), ended])).name;
}

/** `stop` resolves at the first signal that ends a program; the second ends this one at once, and with it the others. */
function signalled(): { readonly stop: Promise<void>; forget(): void } {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let onSignal = () => {};
  const stop = new Promise<void>((resolve) => {
    onSignal = resolve;
  });
  for (const signal of signals) process.once(signal, onSignal);
  return {
    stop,
    forget() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
