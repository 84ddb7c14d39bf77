/** One question to an NTP server, and what the four timestamps say (RFC 5905; section 7.3 has the packet). */

import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** What a server said. Times in milliseconds since 1970. */
export interface NtpReply {
  /** How much is to be added to the local clock. */
  readonly offsetMs: number;
  /** How long question and answer travelled together. */
  readonly delayMs: number;
  /** The server's time when it answered. */
  readonly timeMs: number;
}

const packetBytes = 48;
/** Seconds from 1900, where NTP counts from, to 1970. */
const epochSeconds = 2_208_988_800;
const eraSeconds = 2 ** 32;

export interface NtpClock {
  /** Milliseconds since 1970, with fractions. */
  now(): number;
}

/** The clock of this machine, with more than milliseconds: the start of the process is known exactly enough. */
export const localClock: NtpClock = { now: () => performance.timeOrigin + performance.now() };

/** Asks `address` and gives its reply. Rejects when none comes in time, or none that is to be trusted. */
export function askNtp(
  address: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
  clock = systemClock(),
): Promise<NtpReply> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    // A transmit time that nobody can guess: a reply must repeat it (RFC 5905, section 8, and draft-ietf-ntp-data-minimization).
    const cookie = randomBytes(8);
    let sentMs = 0;
    const settle = (act: () => void) => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      socket.on('error', () => {});
      socket.close();
      act();
    };
    const fail = (reason: string) => settle(() => reject(new Error(reason)));
    const timer = setTimeout(() => fail('no answer in time'), timeoutMs);
    signal.addEventListener('abort', () => fail('stopped'), { once: true });
    socket.once('error', (error) => fail(error.message));
    socket.on('message', (packet) => {
      const receivedMs = clock.now();
      if (!isReplyTo(packet, cookie)) return; // Somebody else's, or forged: the real one may still come.
      const refusal = refusalOf(packet);
      if (refusal !== undefined) fail(refusal);
      else settle(() => resolve(readReply(packet, sentMs, receivedMs)));
    });
    // An address without a route is an error event; a callback would be called all the same.
    socket.once('connect', () => {
      const request = Buffer.alloc(packetBytes);
      request[0] = 0x23; // Leap 0, version 4, mode 3: client.
      cookie.copy(request, 40);
      sentMs = clock.now();
      socket.send(request);
    });
    socket.connect(port, address);
  });
}

/** The clock that is compared: read from the system at each call, since it may be set while we wait. */
function systemClock(): NtpClock {
  const skew = Date.now() - localClock.now();
  return Math.abs(skew) < 2 ? localClock : { now: () => Date.now() };
}

function isReplyTo(packet: Buffer, cookie: Buffer): boolean {
  return packet.length >= packetBytes && (packet[0]! & 7) === 4 && packet.subarray(24, 32).equals(cookie);
}

/** Why a reply is not to be used; undefined when it is. */
function refusalOf(packet: Buffer): string | undefined {
  const leap = packet[0]! >> 6;
  const stratum = packet[1]!;
  if (stratum === 0)
    return `kiss of death: ${packet
      .subarray(12, 16)
      .toString('latin1')
      .replace(/[^A-Z]/g, '')}`;
  if (leap === 3 || stratum > 15) return 'the server is not synchronised';
  return packet.readBigUInt64BE(40) === 0n ? 'the server gave no time' : undefined;
}

/** The client's own times bracket the server's (RFC 5905, section 8): offset ((T2-T1)+(T3-T4))/2, delay (T4-T1)-(T3-T2). */
function readReply(packet: Buffer, sentMs: number, receivedMs: number): NtpReply {
  const arrivedMs = readTimestamp(packet, 32, receivedMs);
  const timeMs = readTimestamp(packet, 40, receivedMs);
  return {
    offsetMs: (arrivedMs - sentMs + (timeMs - receivedMs)) / 2,
    delayMs: Math.max(0, receivedMs - sentMs - (timeMs - arrivedMs)),
    timeMs,
  };
}

/** A timestamp counts seconds modulo 2^32: of the eras, the one nearest to the local time is meant (RFC 5905, section 6). */
function readTimestamp(packet: Buffer, at: number, nearMs: number): number {
  const seconds = packet.readUInt32BE(at) - epochSeconds;
  const era = Math.round((nearMs / 1000 - seconds) / eraSeconds);
  return (seconds + era * eraSeconds) * 1000 + (packet.readUInt32BE(at + 4) / eraSeconds) * 1000;
}
