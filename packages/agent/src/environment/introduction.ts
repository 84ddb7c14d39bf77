/** How an agent introduces itself: its name, its process, its environment; and whether that has changed. */
import { hostname, platform } from 'node:os';
import {
  type AgentIntroduction,
  type AgentMode,
  operatingSystemName,
  type PersistentModuleState,
  queueLocation,
} from '@mig/action';
import { type EnvironmentSource, readEnvironment } from './environment.ts';

export interface IntroductionSource extends EnvironmentSource {
  /** Empty for the host name. */
  readonly name: string;
  readonly agentId: string;
  readonly mode: AgentMode;
  readonly version: string;
  readonly startTime: Date;
  /** How the modules are that stay here. */
  readonly persistent?: () => readonly PersistentModuleState[];
}

export function introduce(source: IntroductionSource): AgentIntroduction {
  const name = source.name === '' ? hostname() : source.name;
  const persistent = source.persistent?.() ?? [];
  return {
    name,
    queueloc: queueLocation({ os: operatingSystemName(platform()), name, id: source.agentId }),
    mode: source.mode,
    version: source.version,
    pid: process.pid,
    starttime: source.startTime.toISOString(),
    environment: { ...readEnvironment(source), ...(persistent.length === 0 ? {} : { persistent }) },
  };
}

/** Whether `after` says something that `before` did not. */
export function hasChanged(before: AgentIntroduction, after: AgentIntroduction): boolean {
  return JSON.stringify(before) !== JSON.stringify(after);
}
