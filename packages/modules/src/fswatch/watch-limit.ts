/** Says which limit of the system a watch ran into, and how to raise it (inotify(7), user_namespaces(7)). */
import { readFileSync } from 'node:fs';

/** Events that the kernel queues; beyond it they are lost, and the runtime does not tell. */
export const queuedEvents = Number(readLimit('/proc/sys/fs/inotify/max_queued_events') ?? 16_384);

/** One sentence; undefined where the error is not about a limit. */
export function explainLimit(error: NodeJS.ErrnoException): string | undefined {
  if (error.code === 'ENOSPC') return sentence('watches', 'fs.inotify.max_user_watches', 'user.max_inotify_watches');
  if (error.code === 'EMFILE') {
    return sentence('watch instances', 'fs.inotify.max_user_instances', 'user.max_inotify_instances');
  }
  return error.code === 'ENFILE' ? 'the system has no more open files (fs.file-max)' : undefined;
}

/** A user has a limit of his own, and so has a user namespace: the lower one holds. */
function sentence(what: string, ofUser: string, ofNamespace: string): string {
  const limits = [ofUser, ofNamespace].flatMap((name) => {
    const value = readLimit(`/proc/sys/${name.replaceAll('.', '/')}`);
    return value === undefined ? [] : [{ name, value: Number(value) }];
  });
  const [lowest] = limits.sort((a, b) => a.value - b.value);
  if (lowest === undefined) return `the system gives no more ${what}`;
  const { name, value } = lowest;
  return `the system gives no more ${what}: ${name} is ${value}, raise it with sysctl -w ${name}=${value * 4}`;
}

function readLimit(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
