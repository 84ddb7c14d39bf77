/** A client of MQTT that sends the bytes that a test wants, whatever the standard says. */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { TestCertificate } from '@mig/testing';

/** Opens the TLS connection; resolves once the handshake is done. */
export async function dialRaw(port: number, ca: string, certificate: TestCertificate): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ca, ...certificate });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

/** Resolves once the connection is over. What comes in is thrown away. */
export function over(socket: TLSSocket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  socket.resume();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** CONNECT of MQTT 3.1.1, section 3.1; `flags` 2 asks for a clean session, 0 for one that lasts. */
export function connectPacket(clientId: string, { flags = 2, keepAlive = 60 } = {}): Buffer {
  const body = Buffer.concat([text('MQTT'), Buffer.from([4, flags, keepAlive >> 8, keepAlive & 255]), text(clientId)]);
  return packet(0x10, body);
}

/** SUBSCRIBE, section 3.8. */
export function subscribePacket(filter: string): Buffer {
  return packet(0x82, Buffer.concat([Buffer.from([0, 1]), text(filter), Buffer.from([1])]));
}

/** A packet with its fixed header, section 2.2. */
export function packet(head: number, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([head]), lengthOf(body.length), body]);
}

/** The remaining length as it is encoded, section 2.2.3. */
export function lengthOf(bytes: number): Buffer {
  const digits: number[] = [];
  let left = bytes;
  do {
    const digit = left % 128;
    left = Math.floor(left / 128);
    digits.push(left > 0 ? digit | 128 : digit);
  } while (left > 0);
  return Buffer.from(digits);
}

/** A string with its length, section 1.5.3. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}
