/** Bytes that no instruction of a program tells apart: the columns of the automaton's table. */
import { monitorBoundaries } from '../program/monitor.ts';
import type { Program } from '../program/program.ts';

export interface ByteClasses {
  /** The class of each byte. */
  readonly classOf: Uint8Array;
  readonly count: number;
  /** One byte of each class. */
  readonly members: readonly number[];
}

/** First bytes of the runs of word characters, and the bytes after them: `[0-9A-Za-z_]`. */
const wordBoundaries = [0x30, 0x3a, 0x41, 0x5b, 0x5f, 0x60, 0x61, 0x7b];

export function byteClasses(program: Program): ByteClasses {
  const isFirst = new Uint8Array(257);
  for (const boundary of [0, 10, 11]) isFirst[boundary] = 1;
  if (program.hasInvalid) for (const boundary of monitorBoundaries) isFirst[boundary] = 1;
  if (program.assertions.has('wordBoundary') || program.assertions.has('notWordBoundary')) {
    for (const boundary of wordBoundaries) isFirst[boundary] = 1;
  }
  for (const instruction of program.instructions) {
    if (instruction.kind !== 'bytes') continue;
    for (let i = 0; i < instruction.ranges.length; i += 3) {
      isFirst[instruction.ranges[i]!] = 1;
      isFirst[instruction.ranges[i + 1]! + 1] = 1;
    }
  }
  const classOf = new Uint8Array(256);
  const members: number[] = [];
  for (let byte = 0; byte < 256; byte++) {
    if (isFirst[byte] === 1) members.push(byte);
    classOf[byte] = members.length - 1;
  }
  return { classOf, count: members.length, members };
}
