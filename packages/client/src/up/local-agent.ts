/** The agent that `mig up` runs beside its platform. */
import { existsSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Agent } from '@mig/action';
import { type Client, createEnrolmentToken, followAgents, listAgents } from '@mig/api';
import { prepareAgentDirectory } from '../fleet/agent-directory.ts';
import type { UpPlaces } from './up-places.ts';

/** How long a token for the agent next door is good. */
const tokenMs = 600_000;

export interface LocalAgentOptions {
  readonly client: Client;
  readonly publicKey: string;
  /** Of the API, as this machine reaches it. */
  readonly url: string;
}

/** Makes the configuration of an agent that is not enrolled yet. Gives what it made, for people. */
export async function prepareLocalAgent(up: UpPlaces, options: LocalAgentOptions): Promise<readonly string[]> {
  const { client, publicKey, url } = options;
  if (existsSync(join(up.agentConfig, 'enrolment.json'))) return [];
  const agents = await prepareAgentDirectory([publicKey]);
  const expiretime = new Date(Date.now() + tokenMs).toISOString();
  const body = { name: `mig up on ${hostname()}`.slice(0, 255), uses: 1, expiretime };
  const { token } = await client.call(createEnrolmentToken, { body });
  agents.write({ directory: up.agentConfig, server: url, token });
  return [`agent of this machine: ${up.agentConfig}`, '  its acl.json lets your key run every module, and nobody else'];
}

/** The token has had its one use. */
export function forgetToken({ agentConfig }: UpPlaces): void {
  rmSync(join(agentConfig, 'token'), { force: true });
}

/** Resolves once the agent with the process id `pid` is connected. Rejects with the reason of `signal` when it aborts. */
export async function agentIsOnline(client: Client, pid: number, signal: AbortSignal): Promise<Agent> {
  const ended = new AbortController();
  const isIt = (agent: Agent) => agent.pid === pid && agent.status === 'online';
  const fromEvents = async () => {
    const events = client.follow(followAgents, { signal: ended.signal });
    for await (const { data } of events) if (isIt(data)) return data;
    signal.throwIfAborted();
    throw new Error('the platform says no more about its agents');
  };
  const stop = () => ended.abort();
  signal.addEventListener('abort', stop);
  try {
    const heard = fromEvents();
    // It may have come before the stream began.
    for await (const agent of client.items(listAgents, { query: { status: 'online' } })) {
      if (!isIt(agent)) continue;
      heard.catch(() => {});
      return agent;
    }
    return await heard;
  } finally {
    signal.removeEventListener('abort', stop);
    ended.abort();
  }
}
