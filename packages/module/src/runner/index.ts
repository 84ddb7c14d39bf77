/** The outside of a module process: starts it, limits it, stops it, reads its result. Needs Node. */
export { defaultLimits, type ModuleLimits, type ProcessOptions, runModuleProcess } from './module-process.ts';
export { permissionFlags } from './permissions.ts';
