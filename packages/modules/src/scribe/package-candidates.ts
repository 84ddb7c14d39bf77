/** Candidates of objects that look at packages: the list of packages is read once for a document. */
import { compile } from '@mig/regexp';
import { comparerFor } from '../pkg/evr.ts';
import type { Package } from '../pkg/pkg.ts';
import { boundedCandidates, type Candidate } from './candidates.ts';
import type { PolicyObject } from './document.ts';

export class InstalledPackages {
  readonly #all: readonly Package[];
  readonly #byName = new Map<string, Package[]>();

  constructor(packages: readonly Package[]) {
    this.#all = packages;
    for (const one of packages) {
      const same = this.#byName.get(one.name);
      if (same === undefined) this.#byName.set(one.name, [one]);
      else same.push(one);
    }
  }

  /** The versions of the packages that `source` names, or whose names it matches. */
  candidates({ name, collectmatch, onlynewest }: PolicyObject['package']): readonly Candidate[] {
    const found = collectmatch === '' ? (this.#byName.get(name) ?? []) : this.#matching(collectmatch);
    const wanted = onlynewest && found.length > 1 ? [newest(found)] : found;
    return boundedCandidates(
      wanted.map((one) => ({ identifier: one.name, value: one.version, packageType: one.type })),
    );
  }

  #matching(pattern: string): Package[] {
    const regexp = compile(pattern);
    return this.#all.filter(({ name }) => regexp.test(name));
  }
}

function newest(packages: readonly Package[]): Package {
  return packages.reduce((best, one) => (comparerFor(one.type)(one.version, best.version) > 0 ? one : best));
}
