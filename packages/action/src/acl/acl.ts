/**
 * Access lists: which investigators' signatures allow which modules on an endpoint, and how much each counts.
 *
 * An endpoint keeps one as `acl.json`. It is written by people, so unknown keys are refused, and so is a fingerprint
 * that is listed twice in one permission: its weight would count twice for one person.
 */
import { z } from 'zod';
import { actionError } from '../errors/refusal.ts';
import { Fingerprint, ModuleName } from '../identifiers/names.ts';
import { describeIssues } from '../text/issues.ts';
import { parseJsonDocument } from '../text/json-document.ts';
import { longestAclBytes } from '../text/limits.ts';

const weight = z.int().max(1_000_000);

/** One investigator's key, and how much a signature of it counts: 0 for not at all. */
export const AclInvestigator = z.strictObject({ fingerprint: Fingerprint, weight: weight.min(0) }).readonly();
export type AclInvestigator = z.output<typeof AclInvestigator>;

const Investigators = z
  .record(z.string().min(1).max(255), AclInvestigator)
  .superRefine((investigators, context) => {
    const fingerprints = Object.values(investigators).map(({ fingerprint }) => fingerprint);
    const repeated = fingerprints.find((fingerprint, i) => fingerprints.indexOf(fingerprint) !== i);
    if (repeated === undefined) return;
    context.addIssue({ code: 'custom', message: `expected every fingerprint once, but ${repeated} is there twice` });
  })
  .readonly();

/** Who may run a module: the weights of those who signed must reach `minimumweight`. Names are for people. */
export const Permission = z.strictObject({ minimumweight: weight.min(1), investigators: Investigators }).readonly();
export type Permission = z.output<typeof Permission>;

/** Permissions by module. `default` is for every module without one of its own; without it, those are refused. */
export const Acl = z.record(z.union([z.literal('default'), ModuleName]), Permission).readonly();
export type Acl = z.output<typeof Acl>;

/** An access list that allows nothing, to start with and to fall back to. */
export const emptyAcl: Acl = {};

/** Reads an access list. Throws TEXT_… and DOCUMENT_INVALID, naming the field. */
export function parseAcl(content: Uint8Array | string): Acl {
  const value = parseJsonDocument(content, 'access list', longestAclBytes);
  const parsed = Acl.safeParse(value);
  if (parsed.success) return parsed.data;
  throw actionError('DOCUMENT_INVALID', { what: 'access list', detail: describeIssues(parsed.error.issues, value) });
}
