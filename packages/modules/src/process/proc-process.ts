/** What /proc says of one process (proc(5)). `root` is where the proc file system is mounted. */
import { readFileSync, readlinkSync, statSync } from 'node:fs';

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

/** Reads the text of /proc/PID/stat. The name stands in parentheses, and may hold some itself. */
export function parseStat(text: string): ProcStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const ppid = Number(fields[1]);
  const startTicks = Number(fields[19]);
  if (open < 0 || close < open || !Number.isInteger(ppid) || !Number.isInteger(startTicks)) return undefined;
  return { name: text.slice(open + 1, close), ppid, startTicks };
}

/** The real user of the process, from /proc/PID/status; undefined when the line is missing. */
export function readUid(root: string, pid: number): number | undefined {
  const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`${root}/${pid}/status`, 'latin1'))?.[1];
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
 * The executable of a process; undefined for a thread of the kernel, which has none. The kernel marks a path whose file
 * was removed; a file may really be called that way, so that its number of links decides.
 */
export function readExecutable(root: string, pid: number): Executable | undefined {
  const link = `${root}/${pid}/exe`;
  let target: string;
  try {
    target = readlinkSync(link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (!target.endsWith(deletedMark)) return { path: target, isDeleted: false };
  const isDeleted = statSync(link, { throwIfNoEntry: false })?.nlink === 0 || !isSameFile(link, target);
  return { path: isDeleted ? target.slice(0, -deletedMark.length) : target, isDeleted };
}

function isSameFile(a: string, b: string): boolean {
  const first = statSync(a, { throwIfNoEntry: false });
  const second = statSync(b, { throwIfNoEntry: false });
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
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
