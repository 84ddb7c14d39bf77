/** The modules that ship with MIG, by their declarations: pure, loads in a browser. See available.ts for the list. */
export { available } from './available.ts';
