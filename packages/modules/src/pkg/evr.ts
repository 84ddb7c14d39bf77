/** Epoch, version and release compared by the rules of the package manager that made them. */
import { compareDpkg } from './dpkg-version.ts';
import { compareRpm } from './rpm-version.ts';

export const operations = ['<', '<=', '=', '>=', '>'] as const;
export type Operation = (typeof operations)[number];

/** The order of versions of packages of `type`; rpm's for all kinds but dpkg, and for versions that no package has. */
export function comparerFor(type: string | undefined): (a: string, b: string) => number {
  return type === 'dpkg' ? compareDpkg : compareRpm;
}

/** Whether `version operation value` is true for a package of `type`. */
export function judgeVersion(version: string, operation: Operation, value: string, type: string | undefined): boolean {
  const order = comparerFor(type)(version, value);
  switch (operation) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>':
      return order > 0;
  }
}
