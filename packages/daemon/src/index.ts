/**
 * What the programs that stay, `mig-agent` and `mig-server`, have in common: a lock that only one of a kind can hold,
 * a log on standard error, and how the words of a command line are read. Knows nothing of the platform.
 */
export { LockedError, takeLock } from './lock.ts';
export { createLogger, type LogFormat, type Logger, logFormats, logLevels } from './logger.ts';
export { Misuse } from './misuse.ts';
export { startOf } from './process-start.ts';
export { noWords, type OptionValues, readWords } from './read-words.ts';
