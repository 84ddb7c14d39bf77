/** Rows of lists, with their headings: the same in `mig` and in the console. */
import type { ActionSummary } from '@mig/api';

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

/** A time in a list: `2026-01-02 03:04:05`, in UTC. */
export function timeCell(timestamp: string): string {
  return new Date(timestamp).toISOString().slice(0, 19).replace('T', ' ');
}
