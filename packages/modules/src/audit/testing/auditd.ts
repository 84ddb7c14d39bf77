/** Debian's auditd with a configuration of its own, for as long as a test takes. There can be one on a machine. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Why this machine does not let a test have the kernel's audit events; undefined where it does: auditd is installed, the
 * test is root's, the kernel has an audit system, and nobody else takes its events.
 */
export function whyNoAudit(): string | undefined {
  try {
    const status = execFileSync('auditctl', ['-s'], { encoding: 'utf8', stdio: 'pipe' });
    const [, pid] = /^pid (\d+)$/m.exec(status) ?? [];
    if (pid === undefined) return `auditctl -s answers '${status.trim()}'`;
    return pid === '0' ? undefined : `process ${pid} takes the events already`;
  } catch (error) {
    const { code, stderr } = error as { readonly code?: string; readonly stderr?: string };
    if (code === 'ENOENT') return 'auditctl is not installed';
    return `auditctl -s fails: ${String(stderr).trim().split('\n')[0]}`;
  }
}

export class Auditd {
  readonly folder = mkdtempSync(join(tmpdir(), 'mig-audit-'));
  readonly log = join(this.folder, 'audit.log');
  readonly socket = join(this.folder, 'events');
  #process: ChildProcess | undefined;

  async start(): Promise<void> {
    const plugins = join(this.folder, 'plugins.d');
    mkdirSync(plugins, { recursive: true });
    const ignore = ['space_left', 'admin_space_left', 'disk_full', 'disk_error'].map(
      (name) => `${name}_action = IGNORE`,
    );
    const settings = ['local_events = yes', 'write_logs = yes', `log_file = ${this.log}`, 'log_format = RAW'];
    settings.push('log_group = root', 'flush = INCREMENTAL_ASYNC', 'freq = 1', 'max_log_file = 1', 'num_logs = 5');
    settings.push(
      'max_log_file_action = ROTATE',
      'space_left = 75',
      'admin_space_left = 50',
      `plugin_dir = ${plugins}`,
    );
    writeFileSync(join(this.folder, 'auditd.conf'), [...settings, ...ignore, ''].join('\n'), { mode: 0o640 });
    const plugin = ['active = yes', 'direction = out', 'path = builtin_af_unix', 'type = builtin', 'format = string'];
    writeFileSync(join(plugins, 'af_unix.conf'), [...plugin, `args = 0600 ${this.socket}`, ''].join('\n'), {
      mode: 0o640,
    });
    this.#process = spawn('auditd', ['-n', '-c', this.folder], { stdio: 'ignore' });
    while (
      whyNoAudit() === undefined ||
      !existsSync(this.socket) ||
      !existsSync(this.log) ||
      statSync(this.log).size === 0
    ) {
      if (this.#process.exitCode !== null) throw new Error(`auditd ended with ${this.#process.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Lets it begin a new log file. */
  async rotate(): Promise<void> {
    const before = statSync(this.log).ino;
    this.#process!.kill('SIGUSR1');
    while ((statSync(this.log, { throwIfNoEntry: false })?.ino ?? before) === before) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(): Promise<void> {
    this.#process!.kill('SIGTERM');
    if (this.#process!.exitCode === null) await once(this.#process!, 'exit');
  }

  remove(): void {
    execFileSync('auditctl', ['-e', '0'], { stdio: 'ignore' });
    rmSync(this.folder, { recursive: true });
  }
}
