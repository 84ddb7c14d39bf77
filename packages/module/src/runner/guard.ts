/**
 * Sees to it that no module process outlives the program that started it, also when that is killed with SIGKILL while
 * the module hangs or is stopped. A shell waits at a pipe from here, told of each process; when the pipe ends, the kernel
 * has closed it with this program, and the shell kills what it was told of. See docs/decisions/0013.
 */
import { type ChildProcess, spawn } from 'node:child_process';

/** POSIX sh. `all` holds numbers of process groups, a space before and after each; what is cut short is no line. */
const script = `trap '' HUP INT QUIT TERM
all=' '
while read -r what pid; do
  case $what in
    +) all="$all$pid " ;;
    -) all="\${all%%" $pid "*} \${all#*" $pid "}" ;;
  esac
done
for pid in $all; do kill -s KILL -- "-$pid" 2>/dev/null; done
exit 0`;

/** After which a guard that was killed itself is started anew, unless a module process is started before. */
const pauseMs = 1_000;

class Guard {
  readonly #guarded = new Set<number>();
  #shell: ChildProcess | undefined;
  #hasWarned = false;

  /** Guards the group that `child` leads, until it ends. To be called before the process is told anything. */
  watch(child: ChildProcess): void {
    const { pid } = child;
    if (pid === undefined || process.platform === 'win32') return;
    this.#guarded.add(pid);
    if (this.#shell === undefined) this.#start();
    else this.#tell('+', pid);
    child.once('exit', () => {
      this.#guarded.delete(pid);
      this.#tell('-', pid);
    });
  }

  #start(): void {
    const words = ['-c', script, 'mig-guard', String(process.pid)];
    const shell = spawn('/bin/sh', words, { stdio: ['pipe', 'ignore', 'ignore'], cwd: '/', env: {}, detached: true });
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
    for (const pid of this.#guarded) this.#tell('+', pid);
  }

  #tell(what: '+' | '-', pid: number): void {
    this.#shell?.stdin?.write(`${what} ${pid}\n`);
  }
}

const guard = new Guard();

/** Sees to it that `child`, which leads a process group, is killed when this program ends, however it does. */
export function guardProcess(child: ChildProcess): void {
  guard.watch(child);
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
