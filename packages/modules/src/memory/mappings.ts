/** The mappings of a process, from /proc/PID/maps (proc(5)), and which of them can be read. */

export interface Mapping {
  readonly start: number;
  /** The address behind the last byte. */
  readonly end: number;
  readonly isReadable: boolean;
  readonly isExecutable: boolean;
  /** Backed by no file: what was never touched in it is zero. */
  readonly isAnonymous: boolean;
  /** Path of the mapped file, with ` (deleted)` behind it where it is gone; else a name in brackets, or nothing. */
  readonly path: string;
}

/** One line: addresses, permissions, offset, device, inode, path. */
const line = /^([0-9a-f]+)-([0-9a-f]+) ([r-])[w-]([x-])[ps] [0-9a-f]+ [0-9a-f:]+ (\d+) *(.*)$/gm;

/** Reads the text of a maps file, in the order of addresses. */
export function parseMappings(text: string): Mapping[] {
  return [...text.matchAll(line)].map(([, start, end, read, execute, inode, path]) => ({
    start: Number.parseInt(start!, 16),
    end: Number.parseInt(end!, 16),
    isReadable: read === 'r',
    isExecutable: execute === 'x',
    isAnonymous: inode === '0',
    path: path!.replaceAll('\\012', '\n'),
  }));
}

/** Mappings whose bytes are memory of the process: not the kernel's own pages, and no device that reading may disturb. */
export function scannable(mappings: readonly Mapping[]): Mapping[] {
  return mappings.filter(
    ({ isReadable, end, path }) =>
      isReadable &&
      end <= Number.MAX_SAFE_INTEGER &&
      !/^\[(vvar|vvar_vclock|vsyscall)\]$/.test(path) &&
      !isDevice(path),
  );
}

function isDevice(path: string): boolean {
  return path.startsWith('/dev/') && !/^\/dev\/(shm\/|zero( |$)|hugepages\/|mqueue\/)/.test(path);
}

const deleted = / \(deleted\)$/;

/** Paths of the libraries among `mappings`: files mapped to be executed, `executable` left out. Each once. */
export function libraryPaths(mappings: readonly Mapping[], executable: string): string[] {
  const paths = mappings.flatMap(({ isExecutable, path }) => (isExecutable && path.startsWith('/') ? [path] : []));
  return [...new Set(paths)].filter((path) => withoutMark(path) !== executable);
}

/** `path` without the mark of a file that was removed from disk. */
export function withoutMark(path: string): string {
  return path.replace(deleted, '');
}
