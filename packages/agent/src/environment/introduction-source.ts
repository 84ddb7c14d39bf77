/** What an introduction is made of, from the configuration. */
import type { AgentMode } from '@mig/action';
import { available } from '@mig/modules';
import type { Settings } from '../settings/settings.ts';
import { version } from '../version.ts';
import type { IntroductionSource } from './introduction.ts';

/** Modules of this agent that can run on this platform. */
export function modulesHere(): readonly string[] {
  return available.modules
    .filter(({ platforms }) => (platforms as readonly string[]).includes(process.platform))
    .map(({ name }) => name);
}

export function introductionSource(
  settings: Settings,
  mode: AgentMode,
  startTime = new Date(),
): Omit<IntroductionSource, 'agentId'> {
  return {
    name: settings.name,
    mode,
    version,
    startTime,
    modules: modulesHere(),
    proxy: settings.proxy,
    publicIp: () => settings.environment.publicip,
  };
}
