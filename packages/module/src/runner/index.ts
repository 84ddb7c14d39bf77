/** The outside of a module process: starts it, limits it, stops it, reads its result. Needs Node. */
export { killGroup } from './guard.ts';
export { engineFlags, type HostBundle, hostBundleIn, snapshotIdentity, snapshotRefused } from './host-bundle.ts';
export { defaultLimits, type ModuleLimits, type ProcessOptions, runModuleProcess } from './module-process.ts';
export { instancePermissionFlags, permissionFlags } from './permissions.ts';
export { residentMemoryMb } from './resident-memory.ts';
export { SpareProcess, yieldToOwner } from './spare-process.ts';
export { hostEnvironment, hostFlags, startInstanceProcess } from './start-process.ts';
