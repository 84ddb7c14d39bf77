/**
 * Which modules stay on this endpoint, and how they are configured: `modules/NAME.toml` in the agent's configuration
 * directory. A module runs where its file is there, be it empty, unless it says `enabled = false`.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadChecked } from '@mig/configuration';
import { type AnyPersistentModule, isPersistent, type Registry } from '@mig/module';
import { z } from 'zod';
import { refuseForeign } from '../policy/refuse-foreign.ts';
import { checkSocketPath } from '../state/socket-path.ts';

/** What the file of a module says. */
export type ModuleFile =
  | { readonly name: string; readonly module: AnyPersistentModule; readonly given: Readonly<Record<string, unknown>> }
  /** It cannot be used; `problem` names the file, the line, what was expected and what came. */
  | { readonly name: string; readonly problem: string };

const enabled = z.boolean().default(true);

/** Reads the files in `directory`, sorted by name. Those that are switched off are left out. Throws for none of them. */
export function readModuleFiles(
  directory: string,
  registry: Registry,
  socketOf: (module: string) => string,
): readonly ModuleFile[] {
  return names(directory).flatMap((file): ModuleFile[] => {
    const name = file.replace(/\.toml$/, '').slice(0, 64);
    try {
      const read = readModuleFile(join(directory, file), name, registry);
      if (read !== undefined) checkSocketPath(socketOf(name));
      return read === undefined ? [] : [read];
    } catch (error) {
      return [{ name, problem: (error as Error).message }];
    }
  });
}

function names(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.toml'))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Undefined when the module is switched off. Throws an Error that names the file. */
function readModuleFile(path: string, name: string, registry: Registry): ModuleFile | undefined {
  refuseForeign(path, statSync(path));
  const module = registry.find(name);
  if (module === undefined || !isPersistent(module)) {
    const stay = registry.modules.filter(isPersistent).map((one) => one.name);
    const what = module === undefined ? `no module is called '${name}'` : `module ${name} does not stay`;
    throw new Error(`${path}: ${what}, expected the file of one of ${stay.join(', ')}`);
  }
  const schema: z.ZodObject = module.config.safeExtend({ enabled });
  const { configuration, given } = loadChecked(schema, { file: path, isRequired: true, environment: {} });
  const { enabled: _, ...own } = given as { enabled?: boolean };
  return configuration['enabled'] === false ? undefined : { name, module, given: own };
}
