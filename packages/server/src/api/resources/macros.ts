/** Targets by name. */
import { deleteMacro, listMacros, type Macro, putMacro } from '@mig/api';
import { appendAudit } from '../../audit/audit-log.ts';
import { inTransaction } from '../../database/in-turn.ts';
import * as macros from '../../database/macros.ts';
import { compileTarget } from '../../targeting/compile-target.ts';
import { shippedMacros } from '../../targeting/macros.ts';
import { type Caller, Refused, required } from '../api-context.ts';
import type { Router } from '../route.ts';

export function routeMacros({ context, on }: Router): void {
  const { db } = context.database;

  on(listMacros, async ({ caller }) => {
    const own = caller.investigator === undefined ? [] : await macros.listMacros(db, caller.investigator.id);
    return [...shippedMacros, ...own.map((macro): Macro => ({ ...macro, shipped: false }))];
  });

  on(putMacro, async ({ params: { name }, body: { target }, caller }) => {
    const { id } = ownerOf(caller);
    if (shippedMacros.some((macro) => macro.name === name)) {
      throw new Refused('CONFLICT', `the macro ${name} comes with the platform`, { wayout: 'Take another name.' });
    }
    await compileTarget(target);
    await inTransaction(db, async (transaction) => {
      await macros.putMacro(transaction, { investigatorid: id, name, target });
      await appendAudit(transaction, { actor: caller.name, event: 'macro set', subject: name, details: { target } });
    });
    return { name, target, shipped: false };
  });

  on(deleteMacro, async ({ params: { name }, caller }) => {
    const { id } = ownerOf(caller);
    await inTransaction(db, async (transaction) => {
      const isDeleted = await macros.deleteMacro(transaction, id, name);
      required(isDeleted || undefined, `macro ${name} of yours`);
      await appendAudit(transaction, { actor: caller.name, event: 'macro deleted', subject: name, details: {} });
    });
  });
}

function ownerOf({ investigator }: Caller) {
  return required(investigator, 'investigator to have macros: the local administrator is none');
}
