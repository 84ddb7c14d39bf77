/**
 * What an agent says about its endpoint. The platform stores it as it comes and never takes a decision of security by
 * it: an endpoint can say anything. What the platform says about an agent are its tags.
 *
 * Names of systems and processors are Go's (`windows`, `amd64`), since targets have been written with them for years.
 */
import { z } from 'zod';
import { Timestamp } from '../document/action.ts';

const word = z.string().max(255);

/** The cloud instance that an endpoint is, where it can be told. */
export const CloudInstance = z
  .object({
    provider: word,
    instanceid: word,
    instancetype: word.optional(),
    imageid: word.optional(),
    region: word.optional(),
    localipv4: word.optional(),
  })
  .readonly();
export type CloudInstance = z.output<typeof CloudInstance>;

/**
 * How a module that stays is on an endpoint that has it switched on. `state` is one of `starting`, `running`, `waiting`
 * (it ended, and is started again later), `failed` (given up), `unavailable` (it cannot work there), `misconfigured`, or
 * a word of a newer version. `reason` says why it does not run, `since` since when it is as it is.
 */
export const PersistentModuleState = z
  .object({
    name: z.string().max(64),
    state: z.string().max(32),
    since: Timestamp,
    reason: z.string().max(1024).optional(),
  })
  .readonly();
export type PersistentModuleState = z.output<typeof PersistentModuleState>;

/** `addresses` are in CIDR form; `ident` is the system's name and version; `init` is `systemd`, `launchd` and so on. */
export const Environment = z
  .object({
    init: word,
    ident: z.string().max(1024),
    os: word,
    arch: word,
    isproxied: z.boolean(),
    proxy: z.string().max(1024).optional(),
    addresses: z.array(z.string().max(64)).max(1024).readonly(),
    publicip: z.string().max(64).optional(),
    modules: z.array(z.string().max(64)).max(256).readonly(),
    persistent: z.array(PersistentModuleState).max(64).readonly().optional(),
    cloud: CloudInstance.optional(),
  })
  .readonly();
export type Environment = z.output<typeof Environment>;

/** Gives the name that targets use for a system that Node calls `platform`. */
export function operatingSystemName(platform: string): string {
  return ({ win32: 'windows', sunos: 'solaris' } as Readonly<Record<string, string>>)[platform] ?? platform;
}

/** Gives the name that targets use for a processor that Node calls `arch`. */
export function architectureName(arch: string): string {
  return ({ x64: 'amd64', ia32: '386', ppc64: 'ppc64le' } as Readonly<Record<string, string>>)[arch] ?? arch;
}
