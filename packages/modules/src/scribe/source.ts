/** Where an object takes its values from: the one source of several that it fills in. */
import type { PolicyObject } from './document.ts';

export type Source =
  | ({ readonly kind: 'package' } & PolicyObject['package'])
  | ({ readonly kind: 'filecontent' } & PolicyObject['filecontent'])
  | ({ readonly kind: 'filename' } & PolicyObject['filename'])
  | ({ readonly kind: 'hasline' } & PolicyObject['hasline'])
  | ({ readonly kind: 'raw' } & PolicyObject['raw']);

/** The sources that `object` fills in: those with a text, a choice or a list in them. */
export function sourcesOf(object: PolicyObject): Source[] {
  const all: Source[] = [
    { kind: 'package', ...object.package },
    { kind: 'filecontent', ...object.filecontent },
    { kind: 'filename', ...object.filename },
    { kind: 'hasline', ...object.hasline },
    { kind: 'raw', ...object.raw },
  ];
  return all.filter(({ kind, ...fields }) => kind !== undefined && Object.values(fields).some(isFilledIn));
}

function isFilledIn(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== '' && value !== false;
}
