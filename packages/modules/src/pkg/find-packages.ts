/** Matches the packages of this endpoint. */
import { durationSince, type Findings, type RunContext } from '@mig/module';
import { compile } from '@mig/regexp';
import { judgeVersion } from './evr.ts';
import { installedPackages } from './installed-packages.ts';
import type { Package, Parameters } from './pkg.ts';

export async function findPackages(
  { parameters, warn, signal, breathe }: RunContext<Parameters>,
  root = '/',
): Promise<Findings<{ packages: Package[] }, { execruntime: string }>> {
  const started = performance.now();
  const version = parameters.vermatch === undefined ? undefined : compile(parameters.vermatch);
  const { olderthan } = parameters;
  const all = await installedPackages(root, { warn, signal });
  const others = new Set(all);
  // One pattern after the other: each takes some 40 KB once it has judged something, and there may be thousands.
  for (const pattern of new Set(parameters.pkgmatch.matches)) {
    const name = compile(pattern);
    for (const one of others) {
      const pause = breathe();
      if (pause) await pause;
      if (name.test(one.name)) others.delete(one);
    }
  }
  const isWanted = (one: Package) =>
    !others.has(one) &&
    (olderthan === undefined || judgeVersion(one.version, '<', olderthan, one.type)) &&
    (version?.test(one.version) ?? true);
  const packages = all.filter(isWanted);
  const execruntime = durationSince(started);
  return { foundanything: packages.length > 0, elements: { packages }, statistics: { execruntime } };
}
