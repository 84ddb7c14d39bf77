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
  const names = parameters.pkgmatch.matches.map(compile);
  const version = parameters.vermatch === undefined ? undefined : compile(parameters.vermatch);
  const { olderthan } = parameters;
  const all = await installedPackages(root, { warn, signal });
  const packages: Package[] = [];
  for (const one of all) {
    for (const name of names) {
      const pause = breathe();
      if (pause) await pause;
      if (!name.test(one.name)) continue;
      const isOldEnough = olderthan === undefined || judgeVersion(one.version, '<', olderthan, one.type);
      if (isOldEnough && (version?.test(one.version) ?? true)) packages.push(one);
      break;
    }
  }
  const execruntime = durationSince(started);
  return { foundanything: packages.length > 0, elements: { packages }, statistics: { execruntime } };
}
