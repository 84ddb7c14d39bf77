/** Opens the byte stream that MQTT runs over: TLS or WebSocket over TLS, straight or through an HTTP proxy. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { createWebSocketStream, WebSocket } from 'ws';
import { limitPackets, longestPublish } from './guard-stream.ts';
import { openTunnel } from './tunnel.ts';

/** PEM. `ca` is the only one that is trusted; `cert` and `key` say who this is. */
export interface ClientTls {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Longest that a connection may take to stand. */
const patienceMs = 20_000;

/** Opens `url` (`mqtts:` or `wss:`). Rejects with a sentence that names it. */
export async function dial(url: string, tls: ClientTls, proxy: string | undefined): Promise<Duplex> {
  const { protocol } = new URL(url);
  const open = protocol === 'mqtts:' ? openTls : protocol === 'wss:' ? openWebSocket : undefined;
  if (open === undefined) throw new Error(`relay ${url}: expected mqtts:// or wss://`);
  try {
    const stream = await open(new URL(url), { ...tls, minVersion: 'TLSv1.2' as const }, proxy);
    limitPackets(stream);
    return stream;
  } catch (cause) {
    const via = proxy === undefined ? '' : ` through ${withoutPassword(proxy)}`;
    throw new Error(`relay ${url}${via}: ${(cause as Error).message}`, { cause });
  }
}

type TlsOptions = ClientTls & { readonly minVersion: 'TLSv1.2' };

async function openTls(url: URL, tls: TlsOptions, proxy: string | undefined, port = 8883): Promise<Duplex> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const target = Number(url.port || port);
  const below = proxy === undefined ? connectTcp(target, host) : await openTunnel(proxy, host, target, patienceMs);
  const socket = connectTls({ ...tls, socket: below, host, ...(isIP(host) ? {} : { servername: host }) });
  below.setNoDelay(true);
  below.on('error', () => {}); // The socket above tells.
  return ready(socket, 'secureConnect', (error) => {
    below.destroy();
    socket.destroy(error);
  });
}

async function openWebSocket(url: URL, tls: TlsOptions, proxy: string | undefined): Promise<Duplex> {
  const below = await openTls(url, tls, proxy, 443);
  const socket = new WebSocket(url, ['mqtt'], {
    createConnection: () => below as Socket,
    handshakeTimeout: patienceMs,
    maxPayload: longestPublish + 5,
  });
  const stream = createWebSocketStream(socket);
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(stream));
    stream.once('error', reject);
    // To end a stream with an error is to emit it once more.
    stream.on('error', () => {});
  });
}

function ready<T extends Duplex>(stream: T, event: string, end: (error: Error) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(new Error(`no answer within ${patienceMs / 1000} s`)), patienceMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      end(error);
      reject(error);
    };
    stream.once('error', fail);
    // To end a stream with an error is to emit it once more.
    stream.on('error', () => {});
    stream.once(event, () => {
      clearTimeout(timer);
      stream.off('error', fail);
      resolve(stream);
    });
  });
}

function withoutPassword(proxy: string): string {
  const url = new URL(proxy);
  url.password = '';
  return url.href;
}
