/** Builds an action to sign from what an investigator gave. */
import { actionError } from '../errors/refusal.ts';
import { createUuid } from '../identifiers/uuid.ts';
import { parseExpiration } from '../text/duration.ts';
import { parseSignedDocument } from '../text/json-document.ts';
import { longestActionBytes } from '../text/limits.ts';
import {
  type Action,
  actionSyntaxVersion,
  checkAction,
  type Description,
  encodeAction,
  type Operation,
  type Threat,
} from './action.ts';

/** How long before now an action is valid from, unless it is said: endpoints' clocks differ. In milliseconds. */
export const clockAllowanceMs = 60_000;

/** How long an action may be run, unless it is said. */
export const defaultExpiration = '5m';

/** What `createAction` takes. Times are RFC 3339; `expiration` is a duration from now, and wins over `expireafter`. */
export interface ActionInput {
  readonly fleet: string;
  readonly name: string;
  readonly target: string;
  readonly operations: readonly Operation[];
  readonly description?: Description | undefined;
  readonly threat?: Threat | undefined;
  readonly validfrom?: string | undefined;
  readonly expireafter?: string | undefined;
  readonly expiration?: string | undefined;
}

/**
 * Makes an action with a new id. Without times it is valid from a minute before `now` until `defaultExpiration` after.
 * Throws an ActionError that names the field which is wrong; an action that is expired at `now` is refused as well.
 */
export function createAction(input: ActionInput, now: Date = new Date()): Action {
  const { fleet, name, target, operations, description, threat, validfrom, expireafter, expiration } = input;
  const start = validfrom ?? new Date(now.getTime() - clockAllowanceMs).toISOString();
  const end =
    expiration === undefined && expireafter !== undefined
      ? expireafter
      : endOf(expiration ?? defaultExpiration, Math.max(now.getTime(), timeOr(start, now.getTime())));
  const action = checkAction({
    id: createUuid(now.getTime()),
    fleet,
    name,
    target,
    validfrom: start,
    expireafter: end,
    operations,
    ...(description === undefined ? {} : { description }),
    ...(threat === undefined ? {} : { threat }),
    syntaxversion: actionSyntaxVersion,
  });
  if (Date.parse(end) <= now.getTime()) {
    const detail = `it is over already, at ${now.toISOString()}`;
    throw actionError('ACTION_WINDOW_INVALID', { validfrom: start, expireafter: end, detail });
  }
  parseSignedDocument(encodeAction(action), 'action', longestActionBytes);
  return action;
}

function endOf(expiration: string, from: number): string {
  const end = new Date(from + parseExpiration(expiration));
  if (Number.isNaN(end.getTime())) throw actionError('DURATION_INVALID', { what: 'expiration', value: expiration });
  return end.toISOString();
}

function timeOr(timestamp: string, otherwise: number): number {
  const time = Date.parse(timestamp);
  return Number.isNaN(time) ? otherwise : time;
}
