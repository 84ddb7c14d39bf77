/**
 * What the programs that stay, `mig-agent` and `mig-server`, have in common: a lock that only one of a kind can hold,
 * and a log on standard error. Knows nothing of the platform.
 */
export { LockedError, takeLock } from './lock.ts';
export { createLogger, type LogFormat, type Logger, logFormats, logLevels } from './logger.ts';
export { startOf } from './process-start.ts';
