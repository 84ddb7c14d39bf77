import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInstance } from '@mig/module/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dispatch, type Elements } from './dispatch.ts';
import { syslogMessage } from './syslog-message.ts';
import { alertOf } from './testing/alerts.ts';
import { makeCertificates } from './testing/certificates.ts';

const folder = mkdtempSync(join(tmpdir(), 'mig-dispatch-syslog-'));
const output = join(folder, 'received');
const tls = makeCertificates(folder);
let ports: { udp: number; tcp: number; tls: number };
let daemon: Daemon;

/** rsyslogd from Debian, with a configuration of its own: it writes what it understood as JSON. */
class Daemon {
  readonly #process: ChildProcess;

  constructor() {
    const part = (name: string, property: string) =>
      `property(outname="${name}" name="${property}" format="jsonf") constant(value=", ")`;
    writeFileSync(
      join(folder, 'rsyslog.conf'),
      `global(workDirectory="${folder}" net.permitACLWarning="off" parser.escapeControlCharactersOnReceive="off"
        defaultNetstreamDriverCAFile="${tls.cafile}" defaultNetstreamDriverCertFile="${tls.certfile}"
        defaultNetstreamDriverKeyFile="${tls.keyfile}")
      module(load="imudp") module(load="imtcp" )
      input(type="imudp" address="127.0.0.1" port="${ports.udp}")
      input(type="imtcp" address="127.0.0.1" port="${ports.tcp}")
      input(type="imtcp" address="127.0.0.1" port="${ports.tls}" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
      template(name="json" type="list") { constant(value="{")
        ${part('facility', 'syslogfacility-text')} ${part('severity', 'syslogseverity-text')} ${part('host', 'hostname')}
        ${part('app', 'app-name')} ${part('msgid', 'msgid')} ${part('data', 'structured-data')}
        property(outname="text" name="msg" format="jsonf") constant(value="}\\n") }
      action(type="omfile" file="${output}" template="json")
      `,
    );
    const files = ['-f', join(folder, 'rsyslog.conf'), '-i', join(folder, 'pid')];
    this.#process = spawn('rsyslogd', ['-n', ...files], { stdio: 'ignore' });
  }

  async ready(): Promise<void> {
    for (const port of [ports.tcp, ports.tls]) {
      for (;;) {
        const socket = connect(port, '127.0.0.1');
        const isOpen = await once(socket, 'connect').then(
          () => true,
          () => false,
        );
        socket.destroy();
        if (isOpen) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM');
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
  }
}

interface Received {
  readonly [key: string]: string;
}

function received(): Received[] {
  if (!existsSync(output)) return [];
  const text = readFileSync(output, 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Received);
}

async function freePorts(): Promise<typeof ports> {
  const servers = [0, 1].map(() => createServer().listen(0, '127.0.0.1'));
  const datagrams = createSocket('udp4');
  datagrams.bind(0, '127.0.0.1');
  await Promise.all([...servers, datagrams].map((one) => once(one, 'listening')));
  const [tcp, tlsPort] = servers.map((server) => (server.address() as AddressInfo).port);
  const udp = datagrams.address().port;
  for (const one of [...servers, datagrams]) one.close();
  return { udp, tcp: tcp!, tls: tlsPort! };
}

beforeAll(async () => {
  ports = await freePorts();
  daemon = new Daemon();
  await daemon.ready();
});
afterAll(async () => {
  await daemon.stop();
  rmSync(folder, { recursive: true });
});

describe('rsyslogd as a destination', () => {
  test.each(['udp', 'tcp', 'tls'] as const)('over %s understands every alert, in order', async (protocol) => {
    const before = received().length;
    const address = `${protocol}://127.0.0.1:${ports[protocol]}`;
    const instance = await startInstance(dispatch, {
      syslog: [{ address, cafile: tls.cafile, facility: 'authpriv', severity: 'alert', appname: 'mig-alerts' }],
    });
    const fields = {
      old: { size: 1, mode: '-rw' },
      what: ['size', 'mode'],
      path: '/tmp/a "b" ]\\ grün\nnext',
      none: null,
    };
    instance.forward(alertOf('fswatch', 0, fields));
    // UDP promises nothing: what comes in one burst may be lost by the system on the way.
    const count = protocol === 'udp' ? 50 : 1000;
    for (let i = 1; i < count; i++) instance.forward({ ...alertOf('audit', i), message: `ünï ${i}` });
    await instance.until(() => received().length - before >= count);
    const all = received().slice(before);
    expect(all[0]).toEqual({
      facility: 'authpriv',
      severity: 'alert',
      host: 'tested',
      app: 'mig-alerts',
      msgid: 'fswatch',
      data: '[mig@32473 id="fswatch-0" module="fswatch" number="0" old.size="1" old.mode="-rw" what="size,mode" path="/tmp/a \\"b\\" \\]\\\\ grün\\\\x0anext" none="null"]',
      text: 'alert 0',
    });
    expect(all.slice(1).map(({ text }) => text!.replace('\ufeff', ''))).toEqual(
      Array.from({ length: count - 1 }, (_, i) => `ünï ${i + 1}`),
    );
    expect((await instance.ask({})).elements).toMatchObject({ ok: true, queued: 0, sent: count, dropped: 0 });
    await instance.stop();
  });

  test('that is stopped and started again gets what was raised meanwhile', async () => {
    const address = `tcp://127.0.0.1:${ports.tcp}`;
    const instance = await startInstance(dispatch, { retrymin: '10ms', retrymax: '50ms', syslog: [{ address }] });
    const before = received().length;
    const numbers = () =>
      received()
        .slice(before)
        .map(({ text }) => Number(text!.split(' ')[1]));
    for (let i = 0; i < 100; i++) instance.forward(alertOf('m', i));
    await instance.until(() => numbers().includes(99));
    await daemon.stop();
    for (let i = 100; i < 200; i++) instance.forward(alertOf('m', i));
    await instance.until(() => instance.logs.some((line) => line.includes('trying again')));
    daemon = new Daemon();
    await instance.until(() => numbers().includes(199));
    expect([...new Set(numbers())]).toEqual(Array.from({ length: 200 }, (_, i) => i));
    await instance.until(() => instance.logs.some((line) => line.endsWith('takes alerts again')));
    await instance.stop();
    await daemon.ready();
  });

  test('over TLS is not sent anything when another authority vouches for it', async () => {
    const address = `tls://127.0.0.1:${ports.tls}`;
    const instance = await startInstance(dispatch, { retrymin: '10ms', syslog: [{ address }] });
    instance.forward(alertOf('m', 1));
    await instance.until(() => instance.logs.some((line) => /self-signed|unable to (get|verify)/i.test(line)));
    const { sent, queued } = (await instance.ask({})).elements as Elements;
    expect({ sent, queued }).toEqual({ sent: 0, queued: 1 });
    await instance.stop();
  });
});

test('a server that reads nothing is given up in time, and what it was sent is sent again', async () => {
  const sockets: { destroy(): void }[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const syslog = [{ address, timeout: '100ms', longest: 65_000 }];
  const instance = await startInstance(dispatch, { retrymin: '10ms', channelsize: 1000, syslog });
  for (let i = 0; i < 300; i++) instance.forward(alertOf('m', i, { text: 'x'.repeat(60_000) }));
  await instance.until(() => instance.logs.some((line) => line.includes('the server reads nothing within 100ms')));
  // Once it reads, it gets everything from the start, each message whole.
  server.removeAllListeners('connection');
  const numbers = new Set<number>();
  server.on('connection', (socket) => void collect(socket, numbers));
  for (const socket of sockets) socket.destroy();
  await instance.until(() => numbers.size === 300);
  await instance.stop();
  server.close();
});

/** Reads octet-counted messages (RFC 6587) and notes their numbers. */
async function collect(socket: Socket, numbers: Set<number>): Promise<void> {
  socket.resume();
  let rest = '';
  for await (const chunk of socket.setEncoding('latin1')) {
    rest += chunk;
    for (let [start, length] = frame(rest); rest.length >= start + length; [start, length] = frame(rest)) {
      numbers.add(Number(/ number="(\d+)"/.exec(rest.slice(start, start + length))![1]));
      rest = rest.slice(start + length);
    }
  }
}

function frame(text: string): readonly [start: number, length: number] {
  const [head, digits] = /^(\d+) /.exec(text) ?? [];
  return head === undefined ? [Number.POSITIVE_INFINITY, 0] : [head.length, Number(digits)];
}

describe('a syslog message', () => {
  const style = { facility: 'local0', severity: 'warning', appname: 'mig', longest: 480 } as const;

  test('leaves out fields that do not fit, and says how many', () => {
    const alert = { ...alertOf('m', 1, { a: 'x'.repeat(400), b: 'short' }), hostname: 'h' };
    expect(syslogMessage(alert, style).toString()).toBe(
      '<132>1 2026-01-01T00:00:00.001Z h mig - m [mig@32473 id="m-1" module="m" number="1" b="short" fieldsleftout="1"] alert 1',
    );
  });

  test('is never longer than it may be, whatever it says, and one line', () => {
    const anyAlert = fc.record({
      message: fc.string({ unit: 'binary', maxLength: 600 }),
      hostname: fc.string({ unit: 'binary', maxLength: 100 }),
      fields: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
    });
    fc.assert(
      fc.property(anyAlert, (given) => {
        const message = syslogMessage({ ...alertOf('m', 1), ...given }, style);
        expect(message.length).toBeLessThanOrEqual(480);
        const shape =
          /^<132>1 [^ ]+ [!-~]+ mig - m \[mig@32473( [!#-<>-\\^-~]{1,32}="([^"\\\]]|\\["\\\]])*")+\] [^\u0000-\u001f]*$/u;
        expect(message.toString()).toMatch(shape);
      }),
      { numRuns: 40 },
    );
  });
});
