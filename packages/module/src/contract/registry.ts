/** The modules that a program knows, by name. */
import type { AnyModule } from './define-module.ts';

/** A module that is compiled in and of no use: npm run build would have refused it. */
export class BrokenModule extends Error {
  override readonly name = 'BrokenModule';
}

export interface Registry {
  /** All modules, sorted by name. */
  readonly modules: readonly AnyModule[];
  find(name: string): AnyModule | undefined;
  /** Like `find`; throws an Error that lists the names there are. */
  get(name: string): AnyModule;
}

/** Makes a registry of `list`. Throws when two modules share a name. */
export function createRegistry(list: readonly AnyModule[]): Registry {
  const byName = new Map<string, () => AnyModule>();
  for (const module of list) {
    if (byName.has(module.name)) {
      throw new Error(`module ${module.name} is registered twice: rename one of the two, names must be unique`);
    }
    byName.set(module.name, () => module);
  }
  return registryOf(byName);
}

/**
 * Makes a registry of modules that are declared when they are asked for, by name. Its `find` throws BrokenModule when a module has
 * another name, or cannot be declared. What the agent's bundle makes of `createRegistry`: see tools/lazy-modules.ts.
 */
export function createLazyRegistry(declarations: Readonly<Record<string, () => AnyModule>>): Registry {
  const checked = Object.entries(declarations).map(([name, declare]) => {
    const declared = () => {
      const module = declaredBy(declare, name);
      if (module.name === name) return module;
      throw new BrokenModule(`module ${module.name} is registered as ${name}: import it under its own name`);
    };
    return [name, declared] as const;
  });
  return registryOf(new Map(checked));
}

function declaredBy(declare: () => AnyModule, name: string): AnyModule {
  try {
    return declare();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BrokenModule(`module ${name} cannot be declared: ${reason}`, { cause });
  }
}

function registryOf(byName: ReadonlyMap<string, () => AnyModule>): Registry {
  const names = [...byName.keys()].sort();
  return {
    get modules() {
      return names.map((name) => byName.get(name)!());
    },
    find: (name) => byName.get(name)?.(),
    get(name) {
      const declare = byName.get(name);
      if (declare !== undefined) return declare();
      throw new Error(`no module is called '${name}': expected one of ${names.join(', ')}`);
    },
  };
}
