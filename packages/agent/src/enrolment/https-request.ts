/** Requests to the platform's API before there is a relay: JSON over TLS, straight or through a proxy. */
import { type RequestOptions, request } from 'node:https';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { EnrolmentError } from './enrolment-error.ts';

/** How long the platform may take to answer. */
const patienceMs = 30_000;

/** Longest answer that is read, in bytes: certificates and addresses. */
const longestAnswer = 1024 * 1024;

export interface ApiTls {
  /** PEM; nobody else is trusted. */
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Sends `body` and gives the answer. Throws EnrolmentError with the platform's own reason when it refuses. */
export function postJson(url: URL, body: unknown, tls: ApiTls, proxy: string): Promise<unknown> {
  const content = JSON.stringify(body);
  const options: RequestOptions = {
    ...optionsFor(url, proxy, tls),
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) },
  };
  return new Promise((resolve, reject) => {
    const asking = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > longestAnswer) response.destroy(new Error(`the answer is longer than ${longestAnswer} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', (error) => reject(failed(url, error)));
      response.on('end', () => {
        try {
          resolve(readAnswer(response.statusCode ?? 0, Buffer.concat(chunks).toString()));
        } catch (error) {
          reject(failed(url, error as Error));
        }
      });
    });
    asking.setTimeout(patienceMs, () => asking.destroy(new Error(`no answer within ${patienceMs / 1000} s`)));
    asking.on('error', (error) => reject(failed(url, error)));
    asking.end(content);
  });
}

/** Makes a TLS connection to `url` without trusting it, hands it to `look`, and closes it: nothing is ever sent on it. */
export function withUntrustedSocket<T>(url: URL, proxy: string, look: (socket: TLSSocket) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { ...optionsFor(url, proxy, {}), rejectUnauthorized: false });
    const end = (error: Error) => {
      asking.destroy();
      reject(failed(url, error));
    };
    asking.on('error', end);
    asking.setTimeout(patienceMs, () => end(new Error(`no answer within ${patienceMs / 1000} s`)));
    asking.on('socket', (socket) => {
      const secured = () => {
        try {
          resolve(look(socket as TLSSocket));
        } catch (error) {
          reject(failed(url, error as Error));
        }
        asking.destroy();
      };
      if ((socket as TLSSocket).getPeerX509Certificate() !== undefined) secured();
      else socket.once('secureConnect', secured);
    });
  });
}

function optionsFor(url: URL, proxy: string, tls: Partial<ApiTls>): RequestOptions {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const options = { ...tls, minVersion: 'TLSv1.2' as const, ...(isIP(host) ? {} : { servername: host }) };
  return { ...options, agent: proxy === '' ? false : new HttpsProxyAgent(proxy) };
}

/** Problem details of RFC 9457, or whatever else came. */
function readAnswer(status: number, text: string): unknown {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  if (status >= 200 && status < 300 && answer !== undefined) return answer;
  const { detail, title } = (answer ?? {}) as { readonly detail?: unknown; readonly title?: unknown };
  const reason = typeof detail === 'string' ? detail : typeof title === 'string' ? title : 'it gave no reason';
  throw new Error(`the platform answered ${status}: ${reason.slice(0, 1000)}`);
}

function failed({ origin }: URL, cause: Error): EnrolmentError {
  return cause instanceof EnrolmentError ? cause : new EnrolmentError(`${origin}: ${cause.message}`, { cause });
}
