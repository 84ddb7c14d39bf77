/** What went wrong, as problem details (RFC 9457): every refusal and failure of the API is answered with one. */
import type { Socket } from 'node:net';
import { ActionError } from '@mig/action';
import { type ErrorName, errorNames, type Problem } from '@mig/api';
import { RequestRefused } from '../certificates/issue.ts';
import { TargetError } from '../targeting/target-error.ts';
import { Refused, titleOf } from './api-context.ts';

export const problemType = 'application/problem+json';

/** Gives what went wrong as problem details; undefined for what is the server's own fault. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Refused) return error.problem;
  if (error instanceof TargetError) {
    const { message, position } = error;
    return problem('TARGET_INVALID', 422, message, position === undefined ? {} : { position });
  }
  if (error instanceof ActionError) return problem(error.code, 422, error.message, { wayout: error.wayout });
  if (error instanceof RequestRefused) return problem('BAD_REQUEST', 400, error.message);
  const { statusCode, message, code } = error as { statusCode?: number; message: string; code?: string };
  if (code === 'FST_ERR_HANDLER_TIMEOUT' || isDatabaseAway(code)) {
    return new Refused('NOT_READY', 'the platform cannot answer now', { wayout: 'Try again in a while.' }).problem;
  }
  // Class 22 of PostgreSQL: the value is none that the database can hold, such as a time before all calendars.
  if (statusCode === undefined && /^22...$/.test(code ?? '')) {
    return new Refused('BAD_REQUEST', `a value cannot be stored: ${message}`).problem;
  }
  if (statusCode === undefined || statusCode >= 500) return undefined;
  const name = nameOf(statusCode);
  return problem(name, errorNames[name], code === undefined ? message : `${message} (${code})`);
}

/** What is the server's own fault: its log says more, under `id`. */
export function failure(id: string): Problem {
  return new Refused('INTERNAL', `the platform failed; its log has the reason, request ${id}`).problem;
}

/** Answers on a connection whose request cannot be read as HTTP, or takes too long to come. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { problem: said } = unreadable(error.code);
  const body = JSON.stringify(said);
  const head = `HTTP/1.1 ${said.status} ${said.title}\r\nContent-Type: ${problemType}\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
}

function unreadable(code: string | undefined): Refused {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Refused('TIMEOUT', 'the request did not come in time');
  if (code === 'HPE_HEADER_OVERFLOW') return new Refused('HEADERS_TOO_LARGE', 'the headers are too large');
  return new Refused('BAD_REQUEST', 'the request is not HTTP');
}

/** The code with this status. */
function nameOf(status: number): ErrorName {
  const name = (Object.keys(errorNames) as ErrorName[]).find((known) => errorNames[known] === status);
  return name ?? 'BAD_REQUEST';
}

/** Connections refused or lost, class 08, and a server that shuts down or starts (57P0x). */
function isDatabaseAway(code: string | undefined): boolean {
  return /^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|08...|57P0[1-3]|53...)$/.test(code ?? '');
}

function problem(code: string, status: number, detail: string, more: Partial<Problem> = {}): Problem {
  return { type: 'about:blank', title: titleOf(code), status, detail, code, ...more };
}
