/** HTTP as a destination: a POST of a JSON array; an answer 2xx takes all of it. */
import { readFileSync, statSync } from 'node:fs';
import {
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
  validateHeaderName,
  validateHeaderValue,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { formatDuration, parseDuration } from '@mig/module';
import { type Destination, encodeAlert, Later, Refusal } from './destination.ts';
import type { HttpDestination } from './dispatch.ts';
import { readTlsFiles } from './tls-files.ts';

/** Statuses that say that the request itself is at fault (RFC 9110): to send it again changes nothing. */
const refusals: ReadonlySet<number> = new Set([400, 411, 413, 415, 422]);

export function httpDestination(config: HttpDestination): Destination {
  const url = new URL(config.url);
  const timeoutMs = parseDuration(config.timeout)!;
  const isTls = url.protocol === 'https:';
  const options = { keepAlive: true, maxSockets: 1 };
  const agent = isTls ? new TlsAgent(options) : new PlainAgent(options);

  function post(body: Buffer, signal: AbortSignal): Promise<IncomingMessage> {
    const headers = {
      ...(config.headersfile === undefined ? {} : readHeaders(config.headersfile)),
      'content-type': 'application/json',
      'content-length': body.length,
    };
    const tls = isTls ? readTlsFiles(config) : {};
    return new Promise((resolve, reject) => {
      const request = (isTls ? tlsRequest : plainRequest)(url, { ...tls, method: 'POST', agent, headers, signal });
      const late = setTimeout(
        () => request.destroy(new Error(`no answer within ${formatDuration(timeoutMs)}`)),
        timeoutMs,
      );
      request.on('close', () => clearTimeout(late));
      request.on('error', reject);
      request.on('response', (response) => {
        // What a server says beyond its status is of no use here, and may end as it likes.
        response.on('error', () => {}).resume();
        resolve(response);
      });
      request.end(body);
    });
  }

  return {
    name: `${url.origin}${url.pathname}`,
    kind: 'http',
    batch: config.batch,
    async deliver(alerts, signal) {
      const response = await post(Buffer.from(`[${alerts.map(encodeAlert).join(',')}]`), signal);
      const { statusCode = 0, statusMessage = '' } = response;
      if (statusCode >= 200 && statusCode < 300) return;
      const said = `the server answered ${statusCode} ${statusMessage}`.trimEnd();
      if (refusals.has(statusCode)) throw new Refusal(said);
      throw new Later(said, retryAfterMs(response.headers['retry-after']));
    },
    async close() {
      agent.destroy();
    },
  };
}

/** Retry-After (RFC 9110, section 10.2.3): seconds, or a date. */
function retryAfterMs(value: string | undefined): number {
  if (value === undefined) return 0;
  const milliseconds = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Math.max(milliseconds || 0, 0);
}

/** Reads `Name: value` lines. Throws an Error that never holds a value: it may be a token. */
function readHeaders(path: string): Record<string, string> {
  if ((statSync(path).mode & 0o007) !== 0 && !/^[A-Za-z]:/.test(path)) {
    throw new Error(`headersfile ${path}: expected a file that not everybody can use: chmod o= ${path}`);
  }
  const headers: Record<string, string> = {};
  for (const [at, line] of readFileSync(path, 'utf8').split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name = '', value = ''] = /^([^:\s]+):\s*(.*?)\s*$/.exec(line) ?? [];
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new Error(`headersfile ${path}, line ${at + 1}: expected a header as Name: value`);
    }
    headers[name.toLowerCase()] = value;
  }
  return headers;
}
