/** For tests: a GnuPG of its own, to compare with. Never part of a program. */
export { createGnupg, type Gnupg } from './gnupg.ts';
