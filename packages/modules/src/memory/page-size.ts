/** The size of a page of memory, as the kernel told this process at its start. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The type of the entry that holds it in the auxiliary vector (getauxval(3), AT_PAGESZ). */
const pageSizeEntry = 6n;

/** Bytes of a page; `root` is /proc. 4096 where the kernel does not tell. */
export function pageSize(root: string): number {
  try {
    const vector = readFileSync(join(root, 'self/auxv'));
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      if (vector.readBigUInt64LE(at) === pageSizeEntry) return Number(vector.readBigUInt64LE(at + 8));
    }
  } catch {
    // No such file: the size that nearly all machines have.
  }
  return 4096;
}
