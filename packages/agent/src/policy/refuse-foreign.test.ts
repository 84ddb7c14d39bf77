import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refuseForeign } from './refuse-foreign.ts';

/** A user and a group that are neither root's nor of who runs this. */
const stranger = 54_321;
const isRoot = process.getuid?.() === 0;

test.runIf(isRoot).each([
  ['of root, written to by root alone', 0, 0, 0o644, undefined],
  ['of root, written to by the group of root', 0, 0, 0o664, undefined],
  ['of root, read by another group', 0, stranger, 0o640, undefined],
  ['of another user', stranger, 0, 0o644, `belongs to user ${stranger}, expected root`],
  ['written to by another group', 0, stranger, 0o660, `can be written to by group ${stranger}, expected the group`],
  ['written to by everybody', 0, 0, 0o646, 'can be written to by everybody: chmod o-w it'],
] as const)('a file %s', (_, uid, gid, mode, refusal) => {
  const folder = mkdtempSync(join(tmpdir(), 'mig-foreign-'));
  try {
    const path = join(folder, 'acl.json');
    writeFileSync(path, '{}');
    chownSync(path, uid, gid);
    chmodSync(path, mode);
    const look = () => refuseForeign(path, statSync(path));
    if (refusal === undefined) expect(look).not.toThrow();
    else expect(look).toThrow(`${path} ${refusal}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
