/**
 * The contract of a MIG module: how a question is declared, validated, asked and printed.
 *
 * Everything here is pure and loads in a browser. `@mig/module/host` runs a module on standard input and output,
 * `@mig/module/runner` starts such a process, `@mig/module/testing` is the test kit of module authors.
 */
export * from './contract/check-elements.ts';
export * from './contract/define-module.ts';
export * from './contract/duration.ts';
export * from './contract/json-schema.ts';
export * from './contract/messages.ts';
export * from './contract/persistent-module.ts';
export * from './contract/print-results.ts';
export * from './contract/registry.ts';
export * from './contract/result.ts';
export * from './contract/validation.ts';
export { columnLines, wrapped } from './flags/columns.ts';
export { helpLines } from './flags/help.ts';
export { type Flag, type FlagLayout, flagsOf, searchFlags } from './flags/layout.ts';
export { parseFlags, type ReadText } from './flags/parse.ts';
export { type Prompter, promptParameters } from './flags/prompt.ts';
export { closest } from './flags/suggestion.ts';
