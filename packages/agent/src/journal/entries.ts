/** What stands in the journal of an endpoint: one JSON object a line. */
import { FinalStatus, OperationResult, ReportedRefusal, Uuid } from '@mig/action';
import { z } from 'zod';

const Signer = z.object({ fingerprint: z.string(), investigator: z.string() });

/** Parameters and results that are longer than this, in characters of JSON, are described instead. */
export const longestKept = 64 * 1024;

/** What stands for something that is too long to be kept. */
const Cut = z.object({ cut: z.literal(true), bytes: z.int(), sha256: z.string() });

/** Noted, and safe on disk, before anything of the action runs. */
export const StartedEntry = z.object({
  entry: z.literal('started'),
  time: z.string(),
  commandid: Uuid,
  actionid: Uuid,
  name: z.string(),
  target: z.string(),
  expireafter: z.string(),
  signers: z.array(Signer),
  operations: z.array(z.object({ module: z.string(), parameters: z.unknown() })),
});
export type StartedEntry = z.output<typeof StartedEntry>;

export const FinishedEntry = z.object({
  entry: z.literal('finished'),
  time: z.string(),
  commandid: Uuid,
  actionid: Uuid,
  status: FinalStatus,
  results: z.array(OperationResult).nullable(),
  refusals: z.array(ReportedRefusal),
});
export type FinishedEntry = z.output<typeof FinishedEntry>;

/** A command that was refused as a whole: nothing of it ran. `actionid` and `name` are not to be trusted then. */
export const RefusedEntry = z.object({
  entry: z.literal('refused'),
  time: z.string(),
  commandid: Uuid,
  actionid: Uuid,
  name: z.string().optional(),
  status: FinalStatus,
  signers: z.array(Signer),
  refusals: z.array(ReportedRefusal),
});
export type RefusedEntry = z.output<typeof RefusedEntry>;

/**
 * What stands for entries that were removed to make room: how many they were and up to when, and the ids of actions that
 * must still not run again.
 */
export const CarriedEntry = z.object({
  entry: z.literal('carried'),
  time: z.string(),
  ids: z.array(z.object({ commandid: Uuid, actionid: Uuid, expireafter: z.string() })),
  removed: z.int().default(0),
  until: z.string().default(''),
});
export type CarriedEntry = z.output<typeof CarriedEntry>;

export const JournalEntry = z.discriminatedUnion('entry', [StartedEntry, FinishedEntry, RefusedEntry, CarriedEntry]);
export type JournalEntry = z.output<typeof JournalEntry>;

/** Gives `value`, or what stands for it where its JSON is too long to be kept. */
export function kept(value: unknown, describe: (json: string) => z.output<typeof Cut>): unknown {
  const json = JSON.stringify(value) ?? 'null';
  return json.length > longestKept ? describe(json) : value;
}
