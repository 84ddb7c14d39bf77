/** One attempt to reach an address. */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { timedOut, unreachable } from './ping.ts';

/** What came of an attempt: milliseconds, `timedOut` or `unreachable`; and whether that counts as reached. */
export interface Attempt {
  readonly latency: number;
  readonly isReached: boolean;
}

export interface Destination {
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const refused: Attempt = { latency: unreachable, isReached: false };
const unanswered: Attempt = { latency: timedOut, isReached: false };

/** Opens a connection and closes it. */
export function attemptTcp({ address, port, timeoutMs, signal }: Destination): Promise<Attempt> {
  return new Promise((resolve) => {
    const started = performance.now();
    const socket = connect({ host: address, port });
    const settle = (attempt: Attempt) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(attempt);
    };
    const timer = setTimeout(() => settle(unanswered), timeoutMs);
    signal.addEventListener('abort', () => settle(unanswered), { once: true });
    socket.once('connect', () => settle({ latency: since(started), isReached: true }));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code === 'ETIMEDOUT' ? unanswered : refused));
  });
}

/**
 * Sends one byte to the port. An answer has a latency. Silence counts as reachable, since most services answer nothing
 * to what they do not understand; its latency is that of a timeout. An ICMP error says that nobody listens.
 */
export function attemptUdp({ address, port, timeoutMs, signal }: Destination): Promise<Attempt> {
  return new Promise((resolve) => {
    const started = performance.now();
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const settle = (attempt: Attempt) => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      socket.on('error', () => {});
      socket.close();
      resolve(attempt);
    };
    const timer = setTimeout(() => settle({ latency: timedOut, isReached: true }), timeoutMs);
    signal.addEventListener('abort', () => settle(unanswered), { once: true });
    socket.once('message', () => settle({ latency: since(started), isReached: true }));
    socket.once('error', () => settle(refused));
    // An address without a route fails here, and is an error event: a callback would be called all the same.
    socket.once('connect', () => socket.send(Buffer.of(0)));
    socket.connect(port, address);
  });
}

/** Has the system's ping send one echo: a process without privileges may not open the socket that it takes. */
export function attemptIcmp({ address, timeoutMs, signal }: Destination, platform: string): Promise<Attempt> {
  const options = {
    signal,
    timeout: timeoutMs + 2000,
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', SystemRoot: 'C:\\Windows' },
  };
  return new Promise((resolve, reject) => {
    const [program = '', ...words] = pingCommand(address, timeoutMs, platform);
    execFile(program, words, options, (error, output, complaint) => {
      const isMissing = (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
      if (isMissing)
        reject(new Error(`icmp needs the ${program} command of the system, and it is not installed: use tcp or udp`));
      else resolve(readEcho(`${output}\n${complaint}`, platform === 'linux' && error?.code === 2));
    });
  });
}

/**
 * The command that sends one echo. On macOS, IPv6 has a program of its own, ping6(8), which knows no time limit: the
 * process is ended instead.
 */
export function pingCommand(address: string, timeoutMs: number, platform: string): string[] {
  const seconds = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
  const isV6 = isIPv6(address);
  if (platform === 'win32') return ['ping', '-n', '1', '-w', String(Math.ceil(timeoutMs)), address];
  if (platform === 'darwin')
    return isV6 ? ['ping6', '-n', '-c', '1', address] : ['ping', '-n', '-c', '1', '-t', seconds, address];
  return ['ping', '-n', '-c', '1', '-W', seconds, ...(isV6 ? ['-6'] : []), address];
}

/**
 * Reads the output of ping: of iputils, BusyBox, BSD, and Windows in English. `isError` when its exit status says that
 * it could not send at all (ping(8) of iputils: 2).
 */
export function readEcho(output: string, isError = false): Attempt {
  const time = /time[=<]\s*([\d.]+)\s*ms/i.exec(output)?.[1];
  if (time !== undefined) return { latency: Number(time), isReached: true };
  return isError || /unreachable|prohibited|no route|sendto|sendmsg|connect:|not permitted/i.test(output)
    ? refused
    : unanswered;
}

function since(started: number): number {
  return Math.round((performance.now() - started) * 1000) / 1000;
}
