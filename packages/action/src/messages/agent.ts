/** An agent: how it introduces itself, and how the platform describes it. */
import { z } from 'zod';
import { Timestamp } from '../document/action.ts';
import { Uuid } from '../identifiers/uuid.ts';
import { Environment } from './environment.ts';

/** `daemon` stays connected; `checkin` runs what it is owed and leaves. */
export const AgentMode = z.enum(['daemon', 'checkin']);
export type AgentMode = z.output<typeof AgentMode>;

/** Whether an agent is connected (`online`), was lately (`idle`), was not for long (`offline`), or was removed. */
export const AgentStatus = z.enum(['online', 'idle', 'offline', 'destroyed']);
export type AgentStatus = z.output<typeof AgentStatus>;

/** What an agent says about itself: `name` is its host name, `queueloc` comes from `queueLocation`. */
export const AgentIntroduction = z
  .object({
    name: z.string().min(1).max(255),
    queueloc: z.string().min(1).max(400),
    mode: AgentMode,
    version: z.string().max(64),
    pid: z.int().nonnegative(),
    starttime: Timestamp,
    environment: Environment,
  })
  .readonly();
export type AgentIntroduction = z.output<typeof AgentIntroduction>;

/** What the platform says about an agent: words, such as `{"team": "web"}`. */
export const Tags = z.record(z.string().min(1).max(64), z.string().max(255)).readonly();
export type Tags = z.output<typeof Tags>;

/**
 * That two processes take turns with one agent's identity: a machine or a configuration directory was copied. `time` is when
 * they last did, `processes` are the two of then, each by what it said of itself.
 */
export const CopiedIdentity = z
  .object({
    time: Timestamp,
    processes: z
      .array(
        z
          .object({ name: z.string(), pid: z.int(), starttime: Timestamp, addresses: z.array(z.string()).readonly() })
          .readonly(),
      )
      .readonly(),
  })
  .readonly();
export type CopiedIdentity = z.output<typeof CopiedIdentity>;

/** An agent as the platform keeps it. `environment` is the agent's word, `tags` and `status` are the platform's. */
export const Agent = z
  .object({
    id: Uuid,
    ...AgentIntroduction.unwrap().shape,
    tags: Tags,
    status: AgentStatus,
    heartbeattime: Timestamp,
    refreshtime: Timestamp,
    destructiontime: Timestamp.nullable(),
    /** Null also from a platform that does not look for it. */
    copied: CopiedIdentity.nullable().default(null),
  })
  .readonly();
export type Agent = z.output<typeof Agent>;

/** Where an agent is found: `linux.web1.01909b4e-…`. Targets select families of agents by its beginning. */
export function queueLocation({
  os,
  name,
  id,
}: {
  readonly os: string;
  readonly name: string;
  readonly id: Uuid;
}): string {
  return `${os}.${name}.${id}`;
}
