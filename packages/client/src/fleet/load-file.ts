/** Reads a file that can be launched, and checks what it asks: a mistake is told here, and not by every agent. */
import { readFileSync } from 'node:fs';
import { type ActionDraft, type Envelope, loadAction, parseAction, payloadOf } from '@mig/action';
import { checkOperations } from './check-operations.ts';

/** What a file holds, with what is to be said about it. */
export type LoadedFile = { readonly notes: readonly string[] } & (
  | { readonly kind: 'draft'; readonly draft: ActionDraft }
  | { readonly kind: 'envelope'; readonly envelope: Envelope }
);

/** Reads `file`, `-` for standard input. Throws ActionError, InvalidParameters, and what the operating system says. */
export async function loadFile(file: string): Promise<LoadedFile> {
  const source = file === '-' ? 'standard input' : file;
  const loaded = await loadAction(readFileSync(file === '-' ? 0 : file), source);
  if (loaded.kind === 'draft') {
    const { operations, notes } = checkOperations(loaded.draft.operations, source);
    const ownNotes = loaded.notes.map((note) => `${source}: ${note}`);
    return { kind: 'draft', draft: { ...loaded.draft, operations }, notes: [...notes, ...ownNotes] };
  }
  const { envelope } = loaded;
  const signed = parseAction(payloadOf(envelope)).operations;
  const { operations, notes } = checkOperations(signed, source);
  if (operations.some((operation, i) => operation !== signed[i])) {
    throw new Error(`${source} is signed, and agents will not take its texts for numbers: make it anew`);
  }
  return { kind: 'envelope', envelope, notes };
}
