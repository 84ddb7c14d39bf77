/** A draft as people read it, and as a file. */
import { printable } from '@mig/module';
import { tableLines } from '../../fleet/table.ts';
import { type Draft, nameOf } from './draft.ts';

export function draftLines(draft: Draft): string[] {
  const { target, expiration, window, description, threat, operations, found, notfound, envelope } = draft;
  const words = (value: object) =>
    Object.entries(value)
      .map(([key, text]) => `${key}=${String(text)}`)
      .join(' ');
  return tableLines([
    ['name', nameOf(draft)],
    ['target', target ?? ''],
    ...found.map((id) => ['', `who found something in ${id}`]),
    ...notfound.map((id) => ['', `who found nothing in ${id}`]),
    [
      'may be run',
      window === undefined ? `for ${expiration} from its signature on` : `${window.validfrom} to ${window.expireafter}`,
    ],
    ['description', words(description)],
    ['threat', words(threat)],
    ...operations.map((operation, i) => [`operation ${i + 1}`, operationLine(operation)]),
    ['signed', envelope === undefined ? 'not yet' : signatureWords(draft)],
  ]);
}

export function operationLine({ module, parameters }: Draft['operations'][number]): string {
  return printable(`${module} ${JSON.stringify(parameters)}`);
}

export function signatureWords({ envelope }: Draft): string {
  const keys = envelope?.signatures.map(({ keyid }) => keyid ?? 'a key that it does not name') ?? [];
  return `${keys.length} ${keys.length === 1 ? 'signature' : 'signatures'}, ${keys.join(', ')}`;
}

export function fileText(draft: Draft): string {
  const { target, window, description, threat, operations } = draft;
  const content = {
    name: nameOf(draft),
    target: target ?? '',
    ...window,
    description,
    threat,
    operations,
    syntaxversion: 2,
  };
  return JSON.stringify(content, null, 2);
}
