/** What agents of tests say of themselves. */
import { type AgentIntroduction, createUuid, type Uuid } from '@mig/action';

export function introductionOf(name: string, { os = 'linux', id = createUuid() }: { os?: string; id?: Uuid } = {}) {
  return {
    name,
    queueloc: `${os}.${name}.${id}`,
    mode: 'daemon',
    version: '0.1.0',
    pid: 1,
    starttime: '2026-01-01T00:00:00.000Z',
    environment: {
      ...{ init: 'systemd', ident: 'Debian', os, arch: 'amd64', isproxied: false },
      ...{ addresses: [], modules: ['example'] },
    },
  } satisfies AgentIntroduction;
}
