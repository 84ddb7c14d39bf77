/**
 * The configuration of a program: a TOML file, every key of which a variable `MIG_…` of the environment overrides,
 * checked by the program's schema. An unknown key or a bad value stops the program, with file, line and expectation.
 */
export { describeKeys, type KeyDescription } from './describe-keys.ts';
export { ConfigurationError, type LoadOptions, loadChecked, loadConfiguration } from './load.ts';
