/**
 * Sockets and neighbours on macOS: lsof(8) with `-F`, its output for other programs; ps(1) for the executables; arp(8)
 * and ndp(8).
 */
import { runProgram } from '../run-program.ts';
import { type AddressBytes, parseAddress } from './address.ts';
import type { OwnedSocket } from './other-tables.ts';
import { isMac, type Neighbor } from './proc-net.ts';

const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

export async function socketsByLsof(signal: AbortSignal): Promise<OwnedSocket[]> {
  // It exits with 1 when there is nothing, or something that it may not see.
  const listed = await runProgram('lsof', ['-nP', '-i', '-F', 'pftPnT'], { signal, env, accepted: [1] });
  const paths = parsePs(await runProgram('ps', ['-axo', 'pid=,comm='], { signal, env }));
  return parseLsof(listed).map((socket) => ({ ...socket, path: paths.get(socket.pid ?? 0) }));
}

/** Lines of one field each, the first letter says which: p begins a process, f a file of it (lsof(8), OUTPUT FOR OTHER PROGRAMS). */
function parseLsof(text: string): OwnedSocket[] {
  const sockets: OwnedSocket[] = [];
  let pid: number | undefined;
  for (const process of text.split(/^p/m).slice(1)) {
    const [first = '', ...files] = process.split(/^f/m);
    pid = Number.parseInt(first, 10);
    for (const file of files) {
      const socket = readFile(file, pid);
      if (socket !== undefined) sockets.push(socket);
    }
  }
  return sockets;
}

function readFile(text: string, pid: number): OwnedSocket | undefined {
  const field = (letter: string) => new RegExp(`^${letter}(.*)$`, 'm').exec(text)?.[1];
  const [local, remote] = (field('n') ?? '').split('->');
  const isV6 = field('t') === 'IPv6';
  const here = readEnd(local ?? '', isV6);
  if (here === undefined) return undefined;
  const there = remote === undefined ? undefined : readEnd(remote, isV6);
  const isTcp = field('P') === 'TCP';
  return {
    local: here.address,
    localPort: here.port,
    remote: there?.address ?? anywhere(isV6),
    remotePort: there?.port ?? 0,
    isListening: isTcp ? /^TST=LISTEN/m.test(text) : there === undefined,
    pid,
    path: undefined,
  };
}

const anywhere = (isV6: boolean): AddressBytes => Array<number>(isV6 ? 16 : 4).fill(0);

/** `127.0.0.1:22`, `[::1]:22`, `*:22`; `*:*` is a socket that has no port yet. */
function readEnd(text: string, isV6: boolean): { readonly address: AddressBytes; readonly port: number } | undefined {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(text) ?? [];
  const address = host === '*' ? anywhere(isV6) : parseAddress(host.replace(/^\[|%[^\]]*|\]$/g, ''));
  return port === undefined || address === undefined ? undefined : { address, port: Number(port) };
}

/** Lines `pid path`: on macOS, `comm` is the whole path of the executable. */
export function parsePs(text: string): ReadonlyMap<number, string> {
  const lines = [...text.matchAll(/^ *(\d+) (\/.*?) *$/gm)];
  return new Map(lines.map(([, pid, path]) => [Number(pid), path!]));
}

export async function neighborsByArp(signal: AbortSignal): Promise<Neighbor[]> {
  const v4 = await runProgram('arp', ['-an'], { signal, env });
  const v6 = await runProgram('ndp', ['-an'], { signal, env });
  return [...parseArpTable(v4), ...parseNdpTable(v6)];
}

/** Lines `? (192.0.2.1) at 0:1b:21:aa:bb:cc on en0 …`; one that did not answer has `(incomplete)` in its place. */
export function parseArpTable(text: string): Neighbor[] {
  return [...text.matchAll(/\(([\d.]+)\) at (\S+) on /g)].flatMap(([, address, mac]) => neighbor(address!, mac!));
}

/** Lines `fe80::1%en0  0:1b:21:aa:bb:cc  en0 …` below a heading. */
export function parseNdpTable(text: string): Neighbor[] {
  return [...text.matchAll(/^(\S*:\S*) +(\S+) +\S/gm)].flatMap(([, address, mac]) =>
    neighbor(address!.replace(/%.*$/, ''), mac!),
  );
}

/** These programs leave out leading zeros of a byte. */
function neighbor(text: string, given: string): Neighbor[] {
  const address = parseAddress(text);
  const mac = given.toLowerCase().replace(/\b([0-9a-f])\b/g, '0$1');
  return address !== undefined && isMac(mac) ? [{ address, mac }] : [];
}
