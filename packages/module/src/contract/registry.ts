/** The modules that a program knows, by name. */
import type { AnyModule } from './define-module.ts';

export interface Registry {
  /** All modules, sorted by name. */
  readonly modules: readonly AnyModule[];
  find(name: string): AnyModule | undefined;
  /** Like `find`; throws an Error that lists the names there are. */
  get(name: string): AnyModule;
}

/** Makes a registry of `list`. Throws when two modules share a name. */
export function createRegistry(list: readonly AnyModule[]): Registry {
  const byName = new Map<string, AnyModule>();
  for (const module of list) {
    if (byName.has(module.name)) {
      throw new Error(`module ${module.name} is registered twice: rename one of the two, names must be unique`);
    }
    byName.set(module.name, module);
  }
  const modules = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    modules,
    find: (name) => byName.get(name),
    get(name) {
      const module = byName.get(name);
      if (module !== undefined) return module;
      throw new Error(`no module is called '${name}': expected one of ${modules.map((m) => m.name).join(', ')}`);
    },
  };
}
