/** Which agent a person means: by its id, its name, or a part of the name that fits one alone. */
import { type Agent, Uuid } from '@mig/action';
import { getAgent, listAgents } from '@mig/api';
import { Misuse } from '../misuse.ts';
import type { Platform } from '../platform/platform.ts';

const named = 6;

/** Throws Misuse when `text` fits no agent, or several. */
export async function findAgent(platform: Platform, text: string): Promise<Agent> {
  const id = Uuid.safeParse(text);
  if (id.success) return platform.call(getAgent, { params: { id: id.data } });
  if (text === '') throw new Misuse("expected an agent's name or id, got nothing");
  const fitting: Agent[] = [];
  for await (const agent of platform.items(listAgents, { query: { name: text } })) fitting.push(agent);
  const living = fitting.filter(({ status }) => status !== 'destroyed');
  const exact = living.filter(({ name }) => name === text);
  const found = exact.length > 0 ? exact : living.length > 0 ? living : fitting;
  if (found.length === 1) return found[0]!;
  if (found.length === 0) throw new Misuse(`no agent has a name like '${text}': search agents lists them`);
  const names = found.slice(0, named).map((agent) => `${agent.name} (${agent.id})`);
  throw new Misuse(`'${text}' fits several agents: ${names.join(', ')}${found.length > named ? ', …' : ''}`);
}
