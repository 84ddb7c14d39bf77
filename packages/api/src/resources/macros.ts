/** Targets by name: those of the platform, and the investigator's own. */
import { ActionTarget } from '@mig/action';
import { z } from 'zod';
import { endpoint } from '../contract/endpoint.ts';

export const MacroName = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, {
  error: "expected the name of a macro: up to 64 of a-z, 0-9, '_' and '-', the first a letter",
});

export const Macro = z
  .object({ name: MacroName, target: ActionTarget, shipped: z.boolean().describe('Comes with the platform.') })
  .readonly();
export type Macro = z.output<typeof Macro>;

export const listMacros = endpoint({
  method: 'GET',
  path: '/macros',
  permission: 'read',
  summary: 'The macros of the platform, and your own.',
  response: z.array(Macro).readonly(),
});

export const putMacro = endpoint({
  method: 'PUT',
  path: '/macros/:name',
  permission: 'read',
  summary: 'Sets a macro of your own.',
  params: z.object({ name: MacroName }),
  body: z.strictObject({ target: ActionTarget }),
  response: Macro,
});

export const deleteMacro = endpoint({
  method: 'DELETE',
  path: '/macros/:name',
  permission: 'read',
  summary: 'Ends a macro of your own.',
  params: z.object({ name: MacroName }),
  success: 204,
});
