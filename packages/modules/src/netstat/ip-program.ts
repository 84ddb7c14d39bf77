/**
 * Asks `ip` of iproute2 (BusyBox's will do) for what the kernel tells over netlink only: neighbours over IPv6, and the
 * interfaces of other namespaces. Programs are taken from the system's own folders, whatever PATH says.
 */
import { existsSync } from 'node:fs';
import { runProgram } from '../run-program.ts';

/**
 * Gives the lines that `ip` prints for `words`, in the namespace that the file `namespace` stands for, or in our own.
 * Rejects with an Error that says which program is missing, or what it said.
 */
export type AskIp = (words: readonly string[], namespace: string | undefined, signal: AbortSignal) => Promise<string[]>;

const folders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

export const askIp: AskIp = async (words, namespace, signal) => {
  const ip = [programAt('ip', 'iproute2'), ...words];
  if (namespace === undefined) return linesFrom(ip, signal);
  return linesFrom([programAt('nsenter', 'util-linux'), `--net=${namespace}`, '--', ...ip], signal);
};

function programAt(name: string, origin: string): string {
  const path = folders.map((folder) => `${folder}/${name}`).find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`the program ${name} of ${origin} is not installed`);
  return path;
}

async function linesFrom([program = '', ...words]: readonly string[], signal: AbortSignal): Promise<string[]> {
  const env = { PATH: folders.join(':'), LC_ALL: 'C' };
  const output = await runProgram(program, words, { signal, env });
  return output.split('\n').filter((line) => line.trim() !== '');
}
