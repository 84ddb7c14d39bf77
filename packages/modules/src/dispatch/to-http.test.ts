import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInstance, type TestedInstance } from '@mig/module/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { dispatch, type Elements } from './dispatch.ts';
import { alertOf } from './testing/alerts.ts';
import { makeCertificates } from './testing/certificates.ts';

const folder = mkdtempSync(join(tmpdir(), 'mig-dispatch-http-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Posted {
  readonly module: string;
  readonly fields: { readonly number: number };
}

/** A real server that does as it is told, and remembers what it has acknowledged. */
class Collector {
  readonly acknowledged: Posted[] = [];
  readonly requests: { headers: IncomingMessage['headers']; count: number }[] = [];
  answer: (posted: readonly Posted[], response: ServerResponse) => void = (posted, response) =>
    this.acknowledge(posted, response);
  readonly handle = (request: IncomingMessage, response: ServerResponse): void => void this.#take(request, response);

  acknowledge(posted: readonly Posted[], response: ServerResponse): void {
    this.acknowledged.push(...posted);
    response.writeHead(204).end();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const posted = JSON.parse(text) as Posted[];
    this.requests.push({ headers: request.headers, count: posted.length });
    this.answer(posted, response);
  }
}

async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const elementsOf = async (instance: TestedInstance) => (await instance.ask({})).elements as Elements;

async function allDealtWith(instance: TestedInstance): Promise<Elements> {
  for (;;) {
    const elements = await elementsOf(instance);
    if (elements.queued === 0) return elements;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const fast = { retrymin: '10ms', retrymax: '30ms' };

describe('an HTTP server as a destination', () => {
  test('that fails, hangs, breaks off, goes and comes back gets every alert, in the order of each module', async () => {
    const collector = new Collector();
    const server = createServer(collector.handle);
    const port = await listen(server);
    const url = `http://127.0.0.1:${port}/alerts`;
    const instance = await startInstance(dispatch, { ...fast, http: [{ url, timeout: '150ms', batch: 10 }] });
    const moods = ['fine', 'fails', 'hangs', 'breaks', 'fine', 'busy', 'acknowledges and breaks'];
    let asked = 0;
    collector.answer = (posted, response) => {
      const mood = moods[asked++ % moods.length];
      if (mood === 'fine') collector.acknowledge(posted, response);
      if (mood === 'fails') response.writeHead(500).end('sorry');
      if (mood === 'busy') response.writeHead(503, { 'retry-after': '0' }).end();
      if (mood === 'breaks') response.socket!.destroy();
      if (mood === 'acknowledges and breaks') {
        collector.acknowledged.push(...posted);
        response.socket!.destroy();
      }
    };
    for (let i = 0; i < 60; i++) for (const name of ['fswatch', 'audit']) instance.forward(alertOf(name, i));
    await instance.until(() => collector.acknowledged.length > 30);
    server.closeAllConnections();
    server.close();
    await instance.until(() => instance.logs.some((line) => line.includes('trying again')));
    await once(
      server.on('error', () => {}),
      'close',
    ).catch(() => {});
    const back = createServer(collector.handle);
    await listen(back, port);
    expect(await allDealtWith(instance)).toMatchObject({ sent: 120, dropped: 0 });
    for (const name of ['fswatch', 'audit']) {
      const numbers = collector.acknowledged.filter(({ module }) => module === name).map(({ fields }) => fields.number);
      // At least once: a batch whose acknowledgement was lost comes again, so that the first of each is what counts.
      expect([...new Set(numbers)]).toEqual(Array.from({ length: 60 }, (_, i) => i));
    }
    expect(collector.acknowledged.length).toBeGreaterThan(120);
    await instance.stop();
    back.close();
  });

  test('counts what is dropped exactly: by the queue, by module, in the log and as an alert of its own', async () => {
    const collector = new Collector();
    const server = createServer(collector.handle);
    const url = `http://127.0.0.1:${await listen(server)}/`;
    const instance = await startInstance(dispatch, { ...fast, channelsize: 50, http: [{ url, batch: 7 }] });
    let isOpen = false;
    collector.answer = (posted, response) => {
      if (isOpen) collector.acknowledge(posted, response);
      else response.writeHead(500).end();
    };
    for (let i = 0; i < 500; i++) instance.forward(alertOf('m', i));
    await instance.ping();
    expect(await elementsOf(instance)).toMatchObject({ ok: false, queued: 50, sent: 0, dropped: 450 });
    isOpen = true;
    expect(await allDealtWith(instance)).toMatchObject({ ok: false, queued: 0, sent: 50, dropped: 450 });
    expect(collector.acknowledged.map(({ fields }) => fields.number)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    await instance.until(() => instance.alerts.length > 0);
    const name = `http ${url}`;
    expect(instance.alerts).toEqual([
      { message: '450 alerts were dropped on their way', fields: { destination: name, dropped: 450 } },
    ]);
    expect(instance.logs).toContain(`${name}: queue of 50 full, dropping alerts`);
    expect(instance.logs).toContain(`${name}: 450 alerts were dropped`);
    await instance.stop();
    server.close();
  });

  test('gives up the one alert that the server refuses, and no other', async () => {
    const collector = new Collector();
    const server = createServer(collector.handle);
    const url = `http://127.0.0.1:${await listen(server)}/`;
    const instance = await startInstance(dispatch, { ...fast, http: [{ url, batch: 64 }] });
    collector.answer = (posted, response) => {
      const isTooMany = posted.length > 40;
      if (isTooMany || posted.some(({ fields }) => fields.number === 77)) {
        response.writeHead(isTooMany ? 413 : 422).end();
      } else collector.acknowledge(posted, response);
    };
    for (let i = 0; i < 200; i++) instance.forward(alertOf('m', i));
    await instance.ping();
    expect(await allDealtWith(instance)).toMatchObject({ ok: false, sent: 199, dropped: 1 });
    const expected = Array.from({ length: 200 }, (_, i) => i).filter((i) => i !== 77);
    expect(collector.acknowledged.map(({ fields }) => fields.number)).toEqual(expected);
    expect(instance.logs.join()).toMatch(/an alert of m was dropped: the server answered 422/);
    await instance.stop();
    server.close();
  });

  test('waits as long as it is asked to, unless an investigator says otherwise', async () => {
    const collector = new Collector();
    const server = createServer(collector.handle);
    const url = `http://127.0.0.1:${await listen(server)}/`;
    const instance = await startInstance(dispatch, { ...fast, http: [{ url }] });
    collector.answer = (_, response) => response.writeHead(429, { 'retry-after': '3600' }).end();
    instance.forward(alertOf('m', 1));
    await instance.until(() => instance.logs.some((line) => /429.*first in 1h0m0s/.test(line)));
    collector.answer = collector.acknowledge.bind(collector);
    await instance.ask({ retry: true });
    expect(await allDealtWith(instance)).toMatchObject({ ok: true, sent: 1 });
    await instance.stop();
    server.close();
  });

  test('over TLS is checked against the CA file, and gets the headers of a file, as they are now', async () => {
    const { cafile, certfile, keyfile } = makeCertificates(folder);
    const collector = new Collector();
    const server = createTlsServer({ cert: readFileSync(certfile), key: readFileSync(keyfile) }, collector.handle);
    const url = `https://127.0.0.1:${await listen(server)}/in?token=secret`;
    const headersfile = join(folder, 'headers');
    writeFileSync(headersfile, '# for the collector\nAuthorization: Bearer one\n', { mode: 0o640 });
    const instance = await startInstance(dispatch, { ...fast, http: [{ url, cafile, headersfile }, { url }] });
    instance.forward(alertOf('m', 1));
    await instance.until(() => instance.logs.some((line) => /self-signed|unable to (get|verify)/i.test(line)));
    await instance.until(() => collector.acknowledged.length === 1);
    expect(collector.requests[0]!.headers).toMatchObject({
      authorization: 'Bearer one',
      'content-type': 'application/json',
    });
    writeFileSync(headersfile, 'Authorization: Bearer two\n');
    instance.forward(alertOf('m', 2));
    await instance.until(() => collector.acknowledged.length === 2);
    expect(collector.requests.at(-1)!.headers.authorization).toBe('Bearer two');
    for (const [text, mode] of [
      ['Authorization Bearer secret\n', 0o640],
      ['Authorization: Bearer secret\n', 0o644],
    ] as const) {
      writeFileSync(headersfile, text);
      chmodSync(headersfile, mode);
      instance.forward(alertOf('m', 3));
      const reason = mode === 0o644 ? /not everybody can use: chmod o=/ : /headers, line 1: expected a header as Name/;
      let [first] = (await elementsOf(instance)).destinations;
      while (!reason.test(first?.lasterror ?? '')) [first] = (await elementsOf(instance)).destinations;
    }
    expect(collector.acknowledged).toHaveLength(2);
    await instance.stop();
    expect(JSON.stringify([instance.logs, await instance.ended])).not.toContain('secret');
    server.close();
  });
});
