/**
 * RE2's regular expressions over bytes, in linear time: whatever the pattern and the input, time is in proportion to
 * the input.
 *
 * `compile` is for texts (names, paths, versions), `compileSet` for many patterns over files and memory in one pass.
 * Runs wherever WebAssembly does; needs nothing of Node.
 */
export type { Match } from './find/find-leftmost.ts';
export { RegexpSizeError } from './program/program-size.ts';
export { compile, type Regexp } from './regexp.ts';
export { compileSet, type RegexpSet, type SetOptions } from './regexp-set.ts';
export type { Question, Scan } from './scan/scan.ts';
export { RegexpSyntaxError } from './syntax/regexp-syntax-error.ts';
