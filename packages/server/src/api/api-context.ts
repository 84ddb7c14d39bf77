/** What the handlers of the API share. */
import type { FleetName, Uuid } from '@mig/action';
import type { ErrorName, Investigator, PermissionName, Problem } from '@mig/api';
import { errorNames } from '@mig/api';
import type { KeyPair } from '../certificates/issue.ts';
import type { Database } from '../database/open-database.ts';
import type { InvestigatorKeys } from './investigator-keys.ts';
import type { ReadingNotes } from './reading-notes.ts';
import type { Wakes } from './wakes.ts';

/** What the program gives the API. */
export interface ApiSetting {
  readonly database: Database;
  readonly fleet: FleetName;
  readonly version: string;
  readonly authority: KeyPair;
  /** What agents are told at enrolment; none while there is no relay yet. */
  readonly relayUrls: () => readonly string[];
  /** Tells an agent that a command was cancelled; undefined where this process has no relay. */
  readonly cancel?:
    | ((agentId: Uuid, command: { readonly id: Uuid; readonly actionid: Uuid }, reason: string) => void)
    | undefined;
  readonly limits: { readonly requestsperminute: number; readonly loginsperminute: number };
}

export interface ApiContext extends ApiSetting {
  readonly wakes: Wakes;
  readonly keys: InvestigatorKeys;
  readonly readings: ReadingNotes;
  readonly log: (message: string) => void;
}

/** Who asks, and how that is known: by a login, an API key, or the socket that only its owner can open. */
export interface Caller {
  readonly name: string;
  readonly by: 'session' | 'key' | 'socket';
  readonly permissions: readonly PermissionName[];
  readonly investigator: Investigator | undefined;
  /** SHA-256 of the token; undefined for who came through the socket. */
  readonly tokenHash: string | undefined;
}

export const localAdministrator: Caller = {
  name: 'local administrator',
  by: 'socket',
  permissions: ['read', 'launch', 'admin'],
  investigator: undefined,
  tokenHash: undefined,
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
