/** Schemas of a module as JSON Schema (draft 2020-12), for whoever does not run its code. */
import { z } from 'zod';
import { flagsOf } from '../flags/layout.ts';
import type { AnyModule } from './define-module.ts';
import { isPersistent } from './persistent-module.ts';

/** What the manifest says of a module; `config` is there for one that stays. */
export function describeModule(module: AnyModule): object {
  return {
    name: module.name,
    summary: module.summary,
    platforms: module.platforms,
    needs: module.needs,
    ...(isPersistent(module)
      ? { receivesAlerts: module.receivesAlerts ?? false, config: z.toJSONSchema(module.config, { io: 'input' }) }
      : {}),
    parameters: z.toJSONSchema(module.parameters, { io: 'input' }),
    elements: z.toJSONSchema(module.elements, { io: 'output' }),
    statistics: z.toJSONSchema(module.statistics, { io: 'output' }),
    flags: flagsOf(module).map(({ name, kind, isList, hint, help }) => ({ name, kind, isList, hint, help })),
    examples: module.examples,
  };
}
