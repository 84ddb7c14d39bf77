/** What /proc says of one process (proc(5)). `root` is where the proc file system is mounted. */
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { showPath } from '../file/raw-path.ts';

/** Fields of /proc/PID/stat that we use. */
export interface ProcStat {
  readonly name: string;
  readonly ppid: number;
  /** Since the start of the machine, in clock ticks. */
  readonly startTicks: number;
}

/**
 * Clock ticks a second in /proc. The kernel's USER_HZ is 100 on every architecture that Node runs on; sysconf, which
 * would tell, is not to be had without a program.
 */
export const ticksPerSecond = 100;

/**
 * Reads what /proc/PID/stat holds; undefined for anything else. The name stands in parentheses, and may hold some itself;
 * its bytes are written as those of a path are.
 */
export function parseStat(bytes: Buffer): ProcStat | undefined {
  const open = bytes.indexOf('(');
  const close = bytes.lastIndexOf(')');
  const fields = bytes.toString('latin1', close + 2).split(' ');
  const [ppid = '', startTicks = ''] = [fields[1], fields[19]];
  if (open < 0 || close < open || !/^\d{1,10}$/.test(ppid) || !/^\d{1,14}$/.test(startTicks)) return undefined;
  return { name: showPath(bytes.subarray(open + 1, close)), ppid: Number(ppid), startTicks: Number(startTicks) };
}

/** The effective user of the process, whose rights it has: the second on the line `Uid:` of /proc/PID/status. */
export function readUid(root: string, pid: number): number | undefined {
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(readFileSync(`${root}/${pid}/status`, 'latin1'))?.[1];
  return uid === undefined ? undefined : Number(uid);
}

/** Arguments, joined by spaces, as their bytes. */
export function readCommandLine(root: string, pid: number): Uint8Array {
  const bytes = readFileSync(`${root}/${pid}/cmdline`);
  const end = bytes.at(-1) === 0 ? bytes.length - 1 : bytes.length;
  return bytes.subarray(0, end).map((byte) => (byte === 0 ? 0x20 : byte));
}

export interface Executable {
  readonly path: string;
  readonly isDeleted: boolean;
}

const deletedMark = ' (deleted)';

/**
 * The executable of a process; undefined for a thread of the kernel and for a process that ended, which have none. The
 * kernel marks a path whose file was removed; a file may really be called that way, so that the mark alone does not count.
 */
export function readExecutable(root: string, pid: number): Executable | undefined {
  const link = `${root}/${pid}/exe`;
  let target: Buffer;
  try {
    target = readlinkSync(link, 'buffer');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const path = showPath(target);
  if (!path.endsWith(deletedMark) || isThere(root, pid, target)) return { path, isDeleted: false };
  return { path: path.slice(0, -deletedMark.length), isDeleted: true };
}

/** Whether the file of the executable is still at `target`, as the process sees the file system. */
function isThere(root: string, pid: number, target: Buffer): boolean {
  try {
    const running = statSync(`${root}/${pid}/exe`);
    const named = statSync(Buffer.concat([Buffer.from(`${root}/${pid}/root`), target]));
    return running.nlink > 0 && named.ino === running.ino && named.dev === running.dev;
  } catch {
    return false;
  }
}

/** What tells one executable from another, whatever their paths: processes in containers have paths of their own. */
export function identityOf(root: string, pid: number): string {
  const { dev, ino, size, mtimeMs } = statSync(`${root}/${pid}/exe`);
  return `${dev} ${ino} ${size} ${mtimeMs}`;
}

/** When the machine started, in seconds since 1970: `btime` of /proc/stat. */
export function readBootTime(root: string): number {
  const seconds = /^btime (\d+)$/m.exec(readFileSync(`${root}/stat`, 'latin1'))?.[1];
  if (seconds === undefined) throw new Error(`${root}/stat: expected a line btime, got none`);
  return Number(seconds);
}

/** Names of users by number, from the text of a passwd file (passwd(5)). The first name of a number counts. */
export function userNames(passwd: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of passwd.split('\n')) {
    const [name, , uid] = line.split(':');
    if (name && uid && /^\d+$/.test(uid) && !names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}
