/** Matches the packages of this endpoint. */
import { type Findings, formatDuration, type RunContext } from '@mig/module';
import { compile } from '@mig/regexp';
import { installedPackages } from './installed-packages.ts';
import type { Package, Parameters } from './pkg.ts';

export async function findPackages(
  { parameters, warn, signal, breathe }: RunContext<Parameters>,
  root = '/',
): Promise<Findings<{ packages: Package[] }, { execruntime: string }>> {
  const started = performance.now();
  const names = parameters.pkgmatch.matches.map(compile);
  const version = parameters.vermatch === undefined ? undefined : compile(parameters.vermatch);
  const all = await installedPackages(root, { warn, signal });
  const packages: Package[] = [];
  for (const one of all) {
    if (names.some((name) => name.test(one.name)) && (version?.test(one.version) ?? true)) packages.push(one);
    const pause = breathe();
    if (pause) await pause;
  }
  const execruntime = formatDuration(Math.round((performance.now() - started) * 1000) / 1000);
  return { foundanything: packages.length > 0, elements: { packages }, statistics: { execruntime } };
}
