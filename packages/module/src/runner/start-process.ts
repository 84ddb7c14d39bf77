/** Starts the process of a module host: clean environment, the permissions of its module, no longer life than ours. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { AnyModule } from '../contract/define-module.ts';
import { guardProcess } from './guard.ts';
import { engineFlags, type HostBundle } from './host-bundle.ts';
import { instancePermissionFlags, permissionFlags } from './permissions.ts';

/** Starts a host with the permissions of `module`. `name` is what it is to run, `-` for what its first message names. */
export function startProcess(module: AnyModule, host: HostBundle, name: string): ChildProcess {
  const child = startHost(permissionFlags(module), host, ['-m', name, '-owned']);
  guardProcess(child, 'now');
  return child;
}

/** Starts the process of the instance of `module` that stays; it makes its socket, and finds its state directory. */
export function startInstanceProcess(
  module: AnyModule,
  host: HostBundle,
  socketPath: string,
  stateDirectory: string,
): ChildProcess {
  const child = startHost(instancePermissionFlags(module, socketPath, stateDirectory), host, [
    '-P',
    module.name,
    '-socket',
    socketPath,
  ]);
  guardProcess(child, 'later');
  return child;
}

function startHost(permissions: readonly string[], host: HostBundle, words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...hostFlags(permissions, host), host.script, ...words], {
    env: hostEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    // It leads a process group, and is killed with all that it started.
    detached: process.platform !== 'win32',
  });
}

/**
 * The flags of Node for a module process. It does not warn of what it is meant to do, to have permissions, and that some
 * let it start threads or children: a warning takes 2 ms.
 */
export function hostFlags(permissions: readonly string[], { nodeFlags }: HostBundle): readonly string[] {
  const silent = ['ExperimentalWarning', 'SecurityWarning'].map((kind) => `--disable-warning=${kind}`);
  return [...permissions, ...silent, ...engineFlags, ...nodeFlags];
}

/**
 * The environment of a module process. No NODE_ variable reaches it: they change what runs, and a bundle of certificates
 * costs 38 ms.
 */
export function hostEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'SystemRoot', 'TEMP', 'USERPROFILE'];
  const own = kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { ...Object.fromEntries(own), GLIBC_TUNABLES: tunables };
}

/**
 * How the GNU C library allocates (https://www.gnu.org/software/libc/manual/html_node/Tunables.html; others pass it over):
 * in large pages, the snapshot among them, and from one arena. To have memory page by page took 7 of 44 ms of a start.
 */
const tunables = ['hugetlb=1', 'mmap_threshold=16777216', 'arena_max=1'].map((one) => `glibc.malloc.${one}`).join(':');
