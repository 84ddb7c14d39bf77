/** An action that is being made: what was set so far, and the signatures that it has. */
import {
  type Action,
  type ActionDraft,
  createAction,
  type Envelope,
  parseAction,
  payloadOf,
  type Uuid,
} from '@mig/action';

export interface Draft {
  name?: string;
  /** As it was typed: a condition or a macro. */
  target?: string;
  /** Actions that narrow the target to the agents that found something in them, or nothing. */
  found: Uuid[];
  notfound: Uuid[];
  /** A duration from the moment when it is signed, unless there is a window. */
  expiration: string;
  window?: { readonly validfrom: string; readonly expireafter: string };
  description: NonNullable<ActionDraft['description']>;
  threat: NonNullable<ActionDraft['threat']>;
  operations: Action['operations'][number][];
  /** Present once it is signed: then nothing can be changed without losing the signatures. */
  envelope?: Envelope;
}

export function emptyDraft(expiration: string): Draft {
  return { expiration, found: [], notfound: [], description: {}, threat: {}, operations: [] };
}

/** A draft that asks what `action` asks, with a window that begins anew. */
export function draftOf(action: Action | ActionDraft, expiration: string): Draft {
  const { name, target, operations, description = {}, threat = {} } = action;
  return { ...emptyDraft(expiration), name, target, operations: [...operations], description, threat };
}

/** A draft of an envelope that somebody signed. Throws ActionError when it holds no action. */
export function signedDraft(envelope: Envelope, expiration: string): Draft {
  const action = parseAction(payloadOf(envelope));
  const { validfrom, expireafter } = action;
  return { ...draftOf(action, expiration), window: { validfrom, expireafter }, envelope };
}

/** What is missing before it can be signed, in words; none when it is complete. */
export function missingIn({ target, operations }: Draft): string[] {
  return [
    ...(target === undefined ? ['a target: target CONDITION'] : []),
    ...(operations.length === 0 ? ['an operation: add MODULE'] : []),
  ];
}

/** What it is called, if nobody named it. */
export function nameOf({ name, operations }: Draft): string {
  return name ?? (operations.map(({ module }) => module).join(', ') || 'a question').slice(0, 255);
}

/** The action to sign. `condition` is the target with its macro filled in. Throws ActionError. */
export function actionOf(draft: Draft, fleet: string, condition: string): Action {
  const { description, threat, operations, expiration, window } = draft;
  const times = window ?? { expiration };
  return createAction({
    ...{ fleet, name: nameOf(draft), target: condition, operations, ...times },
    description: Object.keys(description).length === 0 ? undefined : description,
    threat: Object.keys(threat).length === 0 ? undefined : threat,
  });
}

/** Takes the signatures away, since what they were for has changed. Gives whether there were any. */
export function unsign(draft: Draft): boolean {
  const wasSigned = draft.envelope !== undefined;
  delete draft.envelope;
  return wasSigned;
}
