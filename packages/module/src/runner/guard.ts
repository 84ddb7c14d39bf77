/**
 * Sees to it that no module process outlives the program that started it, also when that is killed with SIGKILL while
 * the module hangs or is stopped. A shell waits at a pipe from here, told of each process; when the pipe ends, the kernel
 * has closed it with this program, and the shell kills what it was told of. See docs/decisions/0013.
 */
import { type ChildProcess, spawn } from 'node:child_process';

/** How long those that stay may take to let go: longer than their host gives itself. */
const graceSeconds = 5;

/**
 * POSIX sh, as in dash, bash and BusyBox. `now` and `later` hold the groups that are killed at once and after the grace,
 * each as its number, a dot, and when its leader was started (proc_pid_stat(5), field 22; nothing where there is no proc):
 * by then the number may be another's. A line that was cut short is none: `read` fails.
 */
const script = `trap '' HUP INT QUIT TERM
now=' ' later=' '
born() {
  start=
  { read -r start </proc/$1/stat; } 2>/dev/null || return
  set -- \${start##*) }
  start=\${20}
}
without() {
  left=$1
  case $1 in *" $2."*) left=\${1#*" $2."} left="\${1%%" $2."*} \${left#* }" ;; esac
}
each() {
  some=
  for one in $2; do
    born \${one%%.*}
    [ -n "$start" ] && [ "$start" != "\${one#*.}" ] && continue
    kill -$1 -\${one%%.*} 2>/dev/null && some=y
  done
}
while read -r what pid; do
  born $pid
  case $what in
    now) now="$now$pid.$start " ;;
    later) later="$later$pid.$start " ;;
    ended) without "$now" $pid; now=$left; without "$later" $pid; later=$left ;;
  esac
done
each 9 "$now"
for second in ${Array.from({ length: graceSeconds }, (_, i) => i + 1).join(' ')}; do
  each 0 "$later"
  [ -n "$some" ] || exit 0
  sleep 1
done
each 9 "$later"
exit 0`;

/** After which a guard that was killed itself is started anew, unless a module process is started before. */
const pauseMs = 1_000;

/** `later`: it may let go of what it holds first, as it does when it notices the end itself. */
type When = 'now' | 'later';

class Guard {
  readonly #guarded = new Map<number, When>();
  #shell: ChildProcess | undefined;
  #hasWarned = false;

  watch(child: ChildProcess, when: When): void {
    const { pid } = child;
    if (pid === undefined || process.platform === 'win32') return;
    this.#guarded.set(pid, when);
    if (this.#shell === undefined) this.#start();
    else this.#tell(when, pid);
    child.once('exit', () => {
      this.#guarded.delete(pid);
      this.#tell('ended', pid);
    });
  }

  #start(): void {
    const words = ['-c', script, 'mig-guard', String(process.pid)];
    const shell = spawn('/bin/sh', words, {
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      detached: true,
    });
    this.#shell = shell;
    const restart = () => {
      if (this.#shell !== shell) return;
      this.#shell = undefined;
      setTimeout(() => {
        if (this.#shell === undefined && this.#guarded.size > 0) this.#start();
      }, pauseMs).unref();
    };
    shell.once('exit', restart);
    shell.once('error', ({ message }) => {
      if (!this.#hasWarned)
        process.emitWarning(`module processes are not guarded, they may outlive this one: ${message}`);
      this.#hasWarned = true;
      restart();
    });
    shell.stdin.on('error', () => {}); // It was killed: its exit tells.
    // It is no reason to go on running.
    shell.unref();
    (shell.stdin as Partial<{ unref(): void }>).unref?.();
    for (const [guarded, when] of this.#guarded) this.#tell(when, guarded);
  }

  #tell(what: When | 'ended', pid: number): void {
    this.#shell?.stdin?.write(`${what} ${pid}\n`);
  }
}

const guard = new Guard();

/**
 * Sees to it that `child`, which leads a process group, is killed when this program ends, however it does. To be called
 * before the process is told anything.
 */
export function guardProcess(child: ChildProcess, when: When): void {
  guard.watch(child, when);
}

/** Kills `child` and all that it started. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
