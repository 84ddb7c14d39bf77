/** For tests: a GnuPG of its own, to compare with. Never part of a program. */
export { createdKey, createGnupg, type Gnupg } from './gnupg.ts';
