/** The files of the project: those that git tracks, and new ones that it does not ignore. */
import { execFileSync } from 'node:child_process';

/** Paths from `root`, with forward slashes, that match `pattern`; sorted. */
export function trackedFiles(root: string, pattern: RegExp): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  const deleted = new Set(
    execFileSync('git', ['ls-files', '-z', '--deleted'], { cwd: root, encoding: 'utf8' }).split('\0'),
  );
  return [...new Set(listed.split('\0'))].filter((path) => pattern.test(path) && !deleted.has(path)).sort();
}
