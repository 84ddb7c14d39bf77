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
