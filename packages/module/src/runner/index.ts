/** The outside of a module process: starts it, limits it, stops it, reads its result. Needs Node. */
export { engineFlags, type HostBundle, hostBundleIn, snapshotIdentity } from './host-bundle.ts';
export { defaultLimits, type ModuleLimits, type ProcessOptions, runModuleProcess } from './module-process.ts';
export { permissionFlags } from './permissions.ts';
export { SpareProcess } from './spare-process.ts';
