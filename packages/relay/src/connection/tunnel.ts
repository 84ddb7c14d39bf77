/** A tunnel through an HTTP proxy (RFC 9110, section 9.3.6, CONNECT). */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';

/** Opens a tunnel to `host:port` through `proxy`, `http:` or `https:`, with the user and password that it names. */
export function openTunnel(proxy: string, host: string, port: number, patienceMs: number): Promise<Socket> {
  const url = new URL(proxy);
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const user = decodeURIComponent(url.username);
  const credentials = Buffer.from(`${user}:${decodeURIComponent(url.password)}`).toString('base64');
  const asking = request({
    method: 'CONNECT',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || (url.protocol === 'https:' ? 443 : 80),
    path: target,
    agent: false,
    timeout: patienceMs,
    headers: { host: target, ...(user === '' ? {} : { 'proxy-authorization': `Basic ${credentials}` }) },
  });
  return new Promise((resolve, reject) => {
    asking.once('connect', ({ statusCode, statusMessage }, socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy refused the tunnel to ${target}: ${statusCode} ${statusMessage}`));
    });
    asking.once('response', ({ statusCode }) => reject(new Error(`the proxy knows no CONNECT: ${statusCode}`)));
    asking.once('timeout', () => asking.destroy(new Error(`the proxy did not answer within ${patienceMs / 1000} s`)));
    asking.once('error', reject);
    asking.end();
  });
}
