/** Whether each module that is compiled in can be declared: what cannot would end every program that lists the modules. */
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ImportedModule, importedModules } from './lazy-modules.ts';

const root = join(import.meta.dirname, '..');

/** Declares each module that `list`, the text of `folder`'s available.ts, imports; gives a sentence for each that fails. */
export async function problemsOfModules(
  list: string,
  folder = join(root, 'packages/modules/src'),
): Promise<readonly string[]> {
  let modules: readonly ImportedModule[];
  try {
    modules = importedModules(list);
  } catch (error) {
    return [messageOf(error)];
  }
  const problems = await Promise.all(modules.map((one) => problemOf(one, folder)));
  return problems.filter((problem) => problem !== undefined);
}

async function problemOf({ name, from }: ImportedModule, folder: string): Promise<string | undefined> {
  const isFile = from.startsWith('.');
  const file = isFile ? relative(root, join(folder, from)) : from;
  try {
    const exported = (await import(isFile ? pathToFileURL(join(folder, from)).href : from)) as Record<string, unknown>;
    const module = exported[name] as { readonly name?: unknown } | undefined;
    if (module === undefined) return `${file}: expected it to export the module ${name}, and it does not`;
    if (module.name === name) return undefined;
    return `${file}: it exports as ${name} a module that is called '${module.name}': give both one name`;
  } catch (error) {
    return `${placeIn(folder, error) ?? file}: the module ${name} cannot be declared: ${messageOf(error)}`;
  }
}

/** The innermost place of `error` in a file of `folder`, with line and column. */
function placeIn(folder: string, error: unknown): string | undefined {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  const line = lines.find((one) => /^\s+at /.test(one) && one.includes(folder));
  const place = line?.slice(line.indexOf(folder)).match(/^[^\s()]+:\d+:\d+/)?.[0];
  return place === undefined ? undefined : relative(root, place);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
