/** How many agents a target selects, in one line. */
import type { TargetCount } from '@mig/api';
import { printable } from '@mig/module';

/** `3 agents targeted, 2 online, 1 offline: web1, web2, db1`. */
export function countLine({ count, online, idle, offline, sample }: TargetCount): string {
  const names = sample.slice(0, 5).map(printable).join(', ');
  const more = count > Math.min(sample.length, 5) ? ', …' : '';
  const states = [
    `${online} online`,
    ...(idle > 0 ? [`${idle} idle`] : []),
    ...(offline > 0 ? [`${offline} offline`] : []),
  ];
  return `${count} ${count === 1 ? 'agent' : 'agents'} targeted, ${states.join(', ')}: ${names}${more}`;
}

/**
 * The same for what a person typed as `target`, and, where that was the macro online, how many agents are left out by it.
 * `count` asks the platform about another target.
 */
export async function countLines(
  counted: TargetCount,
  target: string | undefined,
  count: (target: string) => Promise<TargetCount>,
): Promise<string[]> {
  if (target?.trim() !== 'online') return [countLine(counted)];
  const { idle, offline } = await count('all');
  const others = idle + offline;
  if (others === 0) return [countLine(counted)];
  const who = others === 1 ? '1 agent is not online and not asked' : `${others} agents are not online and not asked`;
  return [countLine(counted), `${who}; the target all is for them too, should they come before the action expires`];
}
