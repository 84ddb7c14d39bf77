/**
 * Has the agent declare a module when it is asked for: a module process needs one of them, and the schemas of the others,
 * which take 4 ms of its start, are no part of its snapshot. The list in available.ts stays a plain list for everybody.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

export const lazyModules: Plugin = {
  name: 'lazy-modules',
  setup(bundle) {
    bundle.onLoad({ filter: /[/\\]modules[/\\]src[/\\]available\.ts$/ }, ({ path }) => ({
      contents: withLazyModules(readFileSync(path, 'utf8')),
      loader: 'ts',
      resolveDir: dirname(path),
    }));
  },
};

export interface ImportedModule {
  readonly name: string;
  readonly from: string;
}

/** The modules that `list`, the text of available.ts, imports, and from where. Throws when it does not look as expected. */
export function importedModules(list: string): readonly ImportedModule[] {
  const imports = [...list.matchAll(/^import \{ (\w+) \} from '([^']+)';$/gm)]
    .map(([, name, from]) => ({ name: name!, from: from! }))
    .filter(({ name }) => name !== 'createRegistry');
  const named = /createRegistry\(\[([\s\S]*?)\]\)/.exec(list)?.[1]?.match(/\w+/g) ?? [];
  const missing = named.filter((name) => !imports.some((one) => one.name === name));
  if (named.length > 0 && named.length === imports.length && missing.length === 0) return imports;
  throw new Error(
    `available.ts: expected each module of the list to be imported on a line such as "import { mine } from './mine/mine.ts';", got ${named.length} in the list, ${imports.length} imported${missing.map((name) => `, ${name} not`).join('')}`,
  );
}

/** `list` with each module required in place of imported. Throws when it does not look as expected. */
export function withLazyModules(list: string): string {
  const declarations = importedModules(list).map(({ name, from }) => `  ${name}: () => require('${from}').${name},`);
  return `import { createLazyRegistry } from '@mig/module';\nexport const available = createLazyRegistry({\n${declarations.join('\n')}\n});\n`;
}
