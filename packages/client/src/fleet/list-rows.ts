/** Rows of lists, with their headings: the same in `mig` and in the console. */
import type { Agent, PersistentModuleState } from '@mig/action';
import type { ActionSummary, Investigator } from '@mig/api';
import { ago } from './missing.ts';

export const actionHeadings = ['ACTION', 'LAUNCHED (UTC)', 'STATUS', 'ANSWERS', 'SIGNED BY', 'NAME'];
export const agentHeadings = ['NAME', 'STATUS', 'SYSTEM', 'VERSION', 'ID', 'LAST SEEN', 'TAGS, MODULES THAT STAY'];
export const investigatorHeadings = ['NAME', 'STATUS', 'PERMISSIONS', 'FINGERPRINT', 'ID'];

/** An action in a list: what is needed to know it again. */
export function actionRow({ id, launchtime, status, counters, investigators, name }: ActionSummary): string[] {
  return [
    id,
    timeCell(launchtime),
    status,
    `${counters.done}/${counters.targeted} done, ${counters.found} found`,
    investigators.map((one) => one.name).join(', '),
    name,
  ];
}

/** An agent in a list. */
export function agentRow({ name, status, environment, version, id, heartbeattime, tags, copied }: Agent): string[] {
  const labels = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  const about = [...labels, ...(environment.persistent ?? []).map(stayingOf)].join(' ');
  const state = copied === null ? status : `${status}, copied`;
  return [name, state, environment.os, version, id, ago(heartbeattime), about];
}

/** A module that stays there: its name, and how it is unless it runs as it should. */
function stayingOf({ name, state }: PersistentModuleState): string {
  return state === 'running' ? name : `${name}:${state}`;
}

/** An investigator in a list. */
export function investigatorRow({ name, status, permissions, fingerprint, id }: Investigator): string[] {
  return [name, status, permissions.join(','), fingerprint, id];
}

/** A time in a list: `2026-01-02 03:04:05`, in UTC. */
export function timeCell(timestamp: string): string {
  return new Date(timestamp).toISOString().slice(0, 19).replace('T', ' ');
}
