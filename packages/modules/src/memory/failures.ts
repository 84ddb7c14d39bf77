/** What could not be looked at: whole processes as soft failures, one for each reason; parts of memory on request. */

/** Most failures that a result lists one by one. */
const mostListed = 1000;
/** Most processes that a soft failure names. */
const mostNamed = 10;

/** What went wrong with a file of /proc, and whether it only says that the process has ended. */
export interface Trouble {
  readonly code: string;
  readonly isEnd: boolean;
}

export function troubleOf(error: unknown): Trouble {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  return { code, isEnd: code === 'ENOENT' || code === 'ESRCH' };
}

export class Failures {
  readonly #parts: string[] = [];
  #unlisted = 0;
  readonly #processes = new Map<string, number[]>();

  /** Part of a process's memory could not be read, or the process ended while it was read. */
  notePart(text: string): void {
    if (this.#parts.length < mostListed) this.#parts.push(text);
    else this.#unlisted++;
  }

  /** A process could not be examined, because of `code`. */
  noteProcess(pid: number, code: string): void {
    const pids = this.#processes.get(code);
    if (pids === undefined) this.#processes.set(code, [pid]);
    else pids.push(pid);
  }

  get parts(): string[] {
    return this.#unlisted === 0 ? this.#parts : [...this.#parts, `and ${this.#unlisted} more`];
  }

  *softFailures(): Generator<string> {
    for (const [code, pids] of this.#processes) {
      const named = pids.slice(0, mostNamed).join(', ');
      const more = pids.length > mostNamed ? ` and ${pids.length - mostNamed} more` : '';
      const advice = code === 'EACCES' || code === 'EPERM' ? ': run as root, or allow ptrace' : '';
      yield `not examined, ${code}${advice}: pid ${named}${more}`;
    }
  }
}
