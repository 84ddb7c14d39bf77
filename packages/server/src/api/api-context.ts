/** What the handlers of the API share. */
import type { FleetName, Uuid } from '@mig/action';
import type { ErrorName, Investigator, PermissionName, Problem } from '@mig/api';
import { errorNames } from '@mig/api';
import type { KeyPair } from '../certificates/issue.ts';
import type { Database } from '../database/open-database.ts';
import type { Wakes } from './wakes.ts';

export interface ApiContext {
  readonly database: Database;
  readonly fleet: FleetName;
  readonly version: string;
  readonly authority: KeyPair;
  /** What agents are told at enrolment. */
  readonly relayUrls: () => readonly string[];
  /** Tells agents that a command was cancelled; undefined where this process has no relay. */
  readonly cancel: (agentId: Uuid, command: { readonly id: Uuid; readonly actionid: Uuid }, reason: string) => void;
  readonly wakes: Wakes;
  readonly limits: { readonly requestsperminute: number; readonly loginsperminute: number };
}

/** Who asks. The local administrator came through the socket that only its owner can open. */
export interface Caller {
  readonly name: string;
  readonly permissions: readonly PermissionName[];
  readonly investigator: Investigator | undefined;
  /** SHA-256 of the session's token, for logging out. */
  readonly session: string | undefined;
}

export const localAdministrator: Caller = {
  name: 'local administrator',
  permissions: ['read', 'launch', 'admin'],
  investigator: undefined,
  session: undefined,
};

/** A refusal of the API, to throw. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problem: Problem;

  constructor(code: ErrorName, detail: string, more: Partial<Problem> = {}) {
    super(detail);
    this.problem = { type: 'about:blank', title: titleOf(code), status: errorNames[code], detail, code, ...more };
  }
}

/** A code as a title: `NOT_FOUND` is `Not found`. */
export function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Gives `found`, or refuses with what was looked for. */
export function required<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Refused('NOT_FOUND', `there is no ${what}`);
  return found;
}
