/** Decides whether signatures allow a module. Fails closed: what no permission allows is refused, with the reason. */
import { type Refusal, refusal } from '../errors/refusal.ts';
import { normalizeFingerprint } from '../identifiers/names.ts';
import type { Acl, Permission } from './acl.ts';

/** The question: may these signers run this module? `signers` are fingerprints of primary keys, verified already. */
export interface AclQuestion {
  readonly acl: Acl;
  readonly module: string;
  readonly signers: readonly string[];
}

/** The answer, and how it came about: which permission applied, and what the signatures weigh under it. */
export interface AclVerdict {
  readonly allowed: boolean;
  readonly permission: string | null;
  readonly weight: number;
  readonly minimumweight: number | null;
  readonly refusals: readonly Refusal[];
}

/** Evaluates `acl`. The permission of the module replaces the default as a whole; a repeated signer is refused. */
export function evaluateAcl({ acl, module, signers }: AclQuestion): AclVerdict {
  const refusals: Refusal[] = [];
  const distinct = new Set<string>();
  for (const [i, signer] of signers.map(normalizeFingerprint).entries()) {
    if (distinct.has(signer)) refusals.push(refusal('SIGNER_REPEATED', { number: i + 1, fingerprint: signer }));
    distinct.add(signer);
  }

  const name = [module, 'default'].find((key) => Object.hasOwn(acl, key));
  const permission = name === undefined ? undefined : acl[name];
  if (name === undefined || permission === undefined) {
    refusals.push(refusal('ACL_NO_PERMISSION', { module }));
    return { allowed: false, permission: null, weight: 0, minimumweight: null, refusals };
  }

  const { minimumweight } = permission;
  const weight = weightOf(distinct, permission);
  if (!(minimumweight >= 1 && weight >= minimumweight)) {
    refusals.push(refusal('ACL_WEIGHT_TOO_LOW', { module, weight, minimumweight, permission: name }));
  }
  return { allowed: refusals.length === 0, permission: name, weight, minimumweight, refusals };
}

function weightOf(signers: ReadonlySet<string>, { investigators }: Permission): number {
  const listed = Object.values(investigators).filter(({ fingerprint }) =>
    signers.has(normalizeFingerprint(fingerprint)),
  );
  return listed.reduce((sum, { weight }) => sum + weight, 0);
}
