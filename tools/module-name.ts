/** What a new module may be called. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commands } from '../packages/client/src/commands/list.ts';

/** Words that a constant of TypeScript may not be called by, and those that a module's test needs for others. */
const taken =
  'as async await break case catch class const continue debugger default delete describe do else enum export expect extends false finally for from function if implements import in instanceof interface let new null of package private protected public return static super switch test this throw true try typeof undefined var void while with yield';

/** Why no new module in the checkout `root` may be called `name`; undefined when one may. */
export function refusalOf(root: string, name: string): string | undefined {
  if (!/^[a-z][a-z0-9]{1,31}$/.test(name))
    return `expected a name of 2 to 32 lower case letters and digits, got '${name}'`;
  if (taken.split(' ').includes(name))
    return `'${name}' is a word of the language or of the tests: choose another name`;
  if (commands.some(({ names }) => names.includes(name))) return `mig ${name} is a command: choose another name`;
  if (existsSync(join(root, 'packages/modules/src', name)))
    return `packages/modules/src/${name} is there already: choose another name`;
  return undefined;
}
