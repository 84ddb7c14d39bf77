import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDuration, type RunContext } from '@mig/module';
import { describeContract, run, runFlags } from '@mig/module/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDrift } from './check-drift.ts';
import { configuredServers } from './configured-servers.ts';
import { type Elements, type Parameters, type Statistics, timedrift } from './timedrift.ts';

describeContract(timedrift);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-timedrift-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Asks only `servers`: nothing outside this machine. */
async function check(drift: string, servers: readonly string[]) {
  const warnings: string[] = [];
  const context = {
    parameters: { drift, servers: [...servers] },
    signal: new AbortController().signal,
    warn: (message: string) => void warnings.push(message),
  } as unknown as RunContext<Parameters>;
  const findings = await checkDrift(context, { root: folder, lastResort: [] });
  return { ...findings, warnings };
}

type Checked = { readonly elements: Elements; readonly statistics: Statistics };

/** How far what was measured is from `offsetMs`. */
const errorOf = ({ elements }: Checked, offsetMs: number) => Math.abs(parseDuration(elements.drifts[0]!)! - offsetMs);

/** An offset is wrong by half of the travelling time at most (RFC 5905, section 4), and these clocks count milliseconds. */
const mostError = ({ statistics }: Checked) => parseDuration(statistics.ntpstats[0]!.latency)! / 2 + 2;

/** A server that answers with a clock off by `offsetMs`, changed by `spoil` before it is sent. */
async function withServer(
  offsetMs: number,
  spoil: (reply: Buffer) => void,
  use: (server: string) => Promise<void>,
): Promise<void> {
  const socket: Socket = createSocket('udp4');
  socket.on('message', (request, from) => {
    const reply = Buffer.alloc(48);
    reply[0] = 0x24;
    reply[1] = 2;
    request.copy(reply, 24, 40, 48);
    for (const at of [32, 40]) {
      const seconds = (Date.now() + offsetMs) / 1000 + 2_208_988_800;
      reply.writeUInt32BE(Math.floor(seconds) % 2 ** 32, at);
      reply.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), at + 4);
    }
    spoil(reply);
    socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  try {
    await use(`127.0.0.1:${socket.address().port}`);
  } finally {
    socket.close();
  }
}

describe('timedrift', () => {
  test('without a drift it tells the local time and asks nobody', async () => {
    const before = Date.now();
    const result = await runFlags(timedrift, []);
    const elements = result.elements as Elements;
    expect(result.foundanything).toBe(true);
    expect(elements).toMatchObject({ hascheckeddrift: false, drifts: [] });
    expect(Date.parse(elements.localtime)).toBeGreaterThanOrEqual(before);
    expect(result.statistics).toMatchObject({ ntpstats: [] });
  });

  test.each([0, 30_000, -30_000, 86_400_000])('measures a clock that is %i ms off', (offsetMs) =>
    withServer(
      offsetMs,
      () => {},
      async (server) => {
        const findings = await check('5s', [server]);
        const { foundanything, elements } = findings;
        expect(errorOf(findings, offsetMs)).toBeLessThanOrEqual(mostError(findings));
        expect([foundanything, elements.iswithindrift]).toEqual([offsetMs !== 0, offsetMs === 0]);
      },
    ),
  );

  test.each([
    ['a kiss of death', (reply: Buffer) => reply.write('RATE', 12) && reply.writeUInt8(0, 1), /kiss of death: RATE/],
    ['a server without time', (reply: Buffer) => reply.writeUInt8(0xe4, 0), /not synchronised/],
    ['an answer to another question', (reply: Buffer) => reply.writeUInt32BE(1, 24), /no answer in time/],
    ['an answer without a time', (reply: Buffer) => reply.fill(0, 40), /gave no time/],
  ])('does not trust %s, and goes on to the next server', (_, spoil, reason) =>
    withServer(
      0,
      (reply) => void spoil(reply),
      (spoiled) =>
        withServer(
          0,
          () => {},
          async (good) => {
            const { statistics, warnings } = await check('5s', [spoiled, good]);
            expect(statistics.ntpstats.map(({ host, reachable }) => [host, reachable])).toEqual([
              [spoiled, false],
              [good, true],
            ]);
            expect(warnings[0]).toMatch(reason);
          },
        ),
    ),
  );

  test('fails when no server answers, and names those it asked', async () => {
    await expect(check('5s', ['127.0.0.1:9'])).rejects.toThrow(/no NTP server answered, of 127\.0\.0\.1:9/);
  });

  test('an address without a route is a server that does not answer', async () => {
    await withServer(
      0,
      () => {},
      async (good) => {
        const { statistics } = await check('5s', ['fe80::1', '255.255.255.255', good]);
        expect(statistics.ntpstats.map(({ reachable }) => reachable)).toEqual([false, false, true]);
      },
    );
  });

  test.each(['127.0.0.1:0', '127.0.0.1:65536', 'host:99999', '...', '-', ':', '[::1', 'a b'])(
    'refuses the server %s',
    async (server) => {
      const result = await run(timedrift, { drift: '5s', servers: [server] });
      expect(result.errors).toEqual([`parameter 'servers[0]': expected a host, or host:port, got '${server}'`]);
    },
  );

  test('refuses a drift that is no duration', async () => {
    const result = await run(timedrift, { drift: '5 seconds' });
    expect(result.errors).toEqual([
      "parameter 'drift': expected a duration such as '300ms', '90s', '5m' or '1h30m', got '5 seconds'",
    ]);
  });
});

describe('timedrift beside chronyd', () => {
  let chronyd: ChildProcess | undefined;
  let complaints = '';
  const port = 20_000 + (process.pid % 10_000);

  beforeAll(async () => {
    const config = join(folder, 'chronyd.conf');
    const lines = [
      `port ${port}`,
      'bindaddress 127.0.0.1',
      'allow 127.0.0.1',
      'local stratum 5',
      'cmdport 0',
      `pidfile ${folder}/pid`,
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
    chronyd = spawn('chronyd', ['-x', '-d', '-U', '-f', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: '/usr/sbin:/usr/bin' },
    });
    chronyd.on('error', (error) => {
      complaints = `install Debian's package chrony: ${error.message}`;
    });
    chronyd.stderr?.on('data', (chunk: Buffer) => {
      complaints += chunk.toString();
    });
    await new Promise((resolve) => setTimeout(resolve, 700));
  });
  afterAll(() => chronyd?.kill('SIGKILL'));

  test('finds that the clock is right by a server that has the same clock', async () => {
    const { elements, statistics } = await check('1s', [`127.0.0.1:${port}`]).catch((error: Error) => {
      throw new Error(`${error.message}; chronyd said: ${complaints}`);
    });
    expect(elements.iswithindrift).toBe(true);
    expect(errorOf({ elements, statistics }, 0)).toBeLessThanOrEqual(mostError({ elements, statistics }));
    expect(statistics.ntpstats[0]!.reachable).toBe(true);
  });
});

describe('configuredServers', () => {
  test('reads chrony, ntp and timesyncd, each server once and in order', () => {
    const write = (path: string, text: string) => {
      const at = join(folder, 'machine', path);
      mkdirSync(join(at, '..'), { recursive: true });
      writeFileSync(at, text);
    };
    write(
      'etc/chrony/chrony.conf',
      '# server commented.example\nserver a.example iburst\n  pool b.example maxsources 4\n',
    );
    write('etc/chrony/sources.d/local.sources', 'server c.example\n');
    write('etc/ntp.conf', 'server -4 d.example\nserver 127.127.1.0\nserver a.example\n');
    write('etc/systemd/timesyncd.conf', '[Time]\n#NTP=no.example\nNTP=e.example f.example\nFallbackNTP=g.example\n');
    expect(configuredServers(join(folder, 'machine'))).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `${letter}.example`),
    );
  });
});
