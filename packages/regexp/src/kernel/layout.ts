/** Where things lie in the memory that a scan shares with the kernel. assembly/kernel.ts knows the first five and `sequences`. */
export const layout = {
  classes: 0,
  fingerprints: 256,
  forms: 352,
  lanes: 384,
  members: 512,
  /** Bytes to scan; the byte before is a newline that no input has, so that the first line begins like any other. */
  input: 4096,
  /** Most bytes of input at a time. The kernel may read 128 more. */
  inputLength: 131_072,
  /** The sequences of each bucket of fingerprints: where they begin and end, then their entries. */
  sequences: 139_264,
  /** Table of the automaton for all patterns, and of the one for those that are left; lengths count 32-bit entries. */
  table: 196_608,
  tableLength: 393_216,
  smallTable: 1_769_472,
  smallTableLength: 131_072,
} as const;

/** 64 KiB pages of the memory. */
export const pages = (layout.smallTable + layout.smallTableLength * 4) / 65_536;

/** Bytes of an entry of `sequences`: how far before the fingerprint it begins; from 16 on the masks, from 32 on the values. */
export const sequenceSize = 48;

/** The prefilter that `seek` goes by. */
export const seekKinds = { fingerprints: 0, forms: 1, longRun: 2 } as const;
