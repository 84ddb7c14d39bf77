/** Every resource of the API, and the list of all endpoints. */
import type { AnyEndpoint } from '../contract/endpoint.ts';
import * as actions from './actions.ts';
import * as agents from './agents.ts';
import * as alerts from './alerts.ts';
import * as audit from './audit.ts';
import * as enrolment from './enrolment.ts';
import * as investigators from './investigators.ts';
import * as logins from './logins.ts';
import * as macros from './macros.ts';
import * as status from './status.ts';
import * as targets from './targets.ts';

export * from './actions.ts';
export * from './agents.ts';
export * from './alerts.ts';
export * from './audit.ts';
export * from './enrolment.ts';
export * from './investigators.ts';
export * from './logins.ts';
export * from './macros.ts';
export * from './status.ts';
export * from './targets.ts';

/** All endpoints by their names. */
export const endpoints: Readonly<Record<string, AnyEndpoint>> = Object.fromEntries(
  [status, logins, targets, actions, agents, investigators, macros, enrolment, alerts, audit].flatMap((resource) =>
    Object.entries(resource).filter((entry): entry is [string, AnyEndpoint] => isEndpoint(entry[1])),
  ),
);

function isEndpoint(value: unknown): value is AnyEndpoint {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value;
}
