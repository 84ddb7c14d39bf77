import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createUuid } from '@mig/action';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Outbox } from '../alerts/outbox.ts';
import { Status } from '../status/status.ts';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import { withCountedRuns } from '../testing/counted-runs.ts';
import { type FleetOfOne, withFleetOfOne } from '../testing/fleet-of-one.ts';

let agent: BuiltAgent;
beforeAll(async () => {
  agent = await buildAgent();
});
afterAll(() => agent.remove());

const whoAreYou = { module: 'example', parameters: { gethostname: true } };

/** Runs `mig-agent` with the endpoint's directories to its end. */
async function say(fleet: FleetOfOne, words: readonly string[]) {
  const run = fleet.start(words);
  const status = await run.ended;
  return { status, output: run.output() };
}

test('a second agent on one endpoint says who is first, and exits with 1; after that one was killed, it takes over', () =>
  withFleetOfOne(agent, async (fleet) => {
    const first = fleet.start();
    await fleet.next('hello');
    const second = await say(fleet, []);
    expect(second.status).toBe(1);
    expect(second.output).toContain(`an agent runs here already, as process ${first.pid}`);
    first.child.kill('SIGKILL');
    await first.ended;
    fleet.start();
    await expect.poll(() => fleet.heard.filter(({ kind }) => kind === 'hello').length).toBe(2);
  }));

test('a second agent with the identity of one that runs, but a state of its own, is refused as well', () =>
  withFleetOfOne(agent, async (fleet) => {
    const first = fleet.start();
    await fleet.next('hello');
    const elsewhere = join(fleet.places.stateDirectory, 'elsewhere');
    const second = fleet.start([], [], elsewhere);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(
      `an agent runs here already, as process ${first.pid} (its lock is in ${fleet.places.configDirectory})`,
    );
  }));

test('mig-agent journal says of an operation that was refused that it was, and why', () =>
  withFleetOfOne(agent, async (fleet) => {
    fleet.start();
    await fleet.next('hello');
    const half = await fleet.sign([whoAreYou, { module: 'payroll', parameters: {} }], { name: 'half' });
    const none = await fleet.sign([{ module: 'payroll', parameters: {} }], { name: 'none' });
    for (const signed of [half, none]) {
      const id = await fleet.send(signed);
      await fleet.next('result', ({ commandid }) => commandid === id);
    }
    const { output } = await say(fleet, ['journal', '--refused']);
    expect(output).toMatch(/ failed +Dana +half +example: found, payroll: refused \(MODULE_UNKNOWN\)\n/);
    expect(output).toMatch(/ refused +Dana +none +payroll: refused \(MODULE_UNKNOWN\)\n/);
  }));

describe('mig-agent status', () => {
  test('says how the agent is, to its owner alone', () =>
    withCountedRuns((runs) =>
      withFleetOfOne(agent, async (fleet) => {
        const { pid } = fleet.start();
        await fleet.next('hello');
        const commandid = await fleet.ask([runs.operation(60)], { name: 'a long one' });
        await runs.begun(1);
        const json = await say(fleet, ['status', '--json']);
        const status = Status.parse(JSON.parse(json.output));
        expect(status).toMatchObject({
          agentid: fleet.agentId,
          pid,
          relay: { state: 'connected' },
          running: [{ commandid, name: 'a long one', module: 'ping' }],
          queued: 0,
          spooled: { results: 0 },
          policy: { keys: 1, permissions: ['default'], problem: null },
        });
        const { output } = await say(fleet, ['status']);
        expect(output).toContain(`agent:       ${fleet.agentId}`);
        expect(output).toMatch(/^running: +\S+ 'a long one': ping, since /m);
        expect(statSync(fleet.places.socket).mode & 0o777).toBe(0o600);
        expect(statSync(fleet.places.stateDirectory).mode & 0o777).toBe(0o700);
      }),
    ));

  test('says that none runs, and exits with 1', () =>
    withFleetOfOne(agent, async (fleet) => {
      const { status, output } = await say(fleet, ['status']);
      expect([status, output]).toEqual([
        1,
        `mig-agent: no agent runs here: nobody answers at ${fleet.places.socket}\n`,
      ]);
    }));
});

test('mig-agent journal says what ran, who signed it, what it asked and what it answered', () =>
  withFleetOfOne(agent, async (fleet) => {
    fleet.start();
    await fleet.next('hello');
    const signed = await fleet.sign([whoAreYou], { name: 'who are\u001b[31m you' });
    await fleet.send(signed);
    await fleet.next('result');
    const refused = await fleet.sign([whoAreYou], { fleet: 'elsewhere', name: 'not for you' });
    const id = await fleet.send(refused);
    await fleet.next('result', ({ commandid }) => commandid === id);

    const short = await say(fleet, ['journal']);
    const { fingerprint } = fleet.investigator;
    expect(short.output.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/gm, 'TIME'.padEnd(20))).toBe(
      [
        `WHEN                  ACTION                                OUTCOME  SIGNED BY  NAME              OPERATIONS`,
        `TIME                  ${signed.id}  success  Dana       who are\uFFFD[31m you  example: found`,
        `TIME                  ${refused.id}  refused  Dana       not for you       ACTION_OTHER_FLEET`,
        '',
      ].join('\n'),
    );
    const long = await say(fleet, ['journal', signed.id]);
    expect(long.output).toMatch(
      new RegExp(
        `^${signed.id} 'who are\uFFFD\\[31m you', success\nwhen       \\S+Z\nuntil      \\S+Z\n` +
          `signed by  Dana \\(${fingerprint}\\)\ntarget     all\nexample: found\n` +
          `  asked    \\{"gethostname":true\\}\n  answered \\{"foundanything":true.*"hostname":.*\n$`,
      ),
    );
    const one = await say(fleet, ['journal', refused.id]);
    expect(one.output).toContain('refused    ACTION_OTHER_FLEET: ');
    const nothing = await say(fleet, ['journal', fleet.agentId]);
    expect(nothing).toEqual({
      status: 1,
      output: `mig-agent: the journal has no action or command ${fleet.agentId}\n`,
    });
    for (const [filter, ids] of [
      [
        ['--signer', 'dana'],
        [signed.id, refused.id],
      ],
      [
        ['--signer', fingerprint.slice(-16)],
        [signed.id, refused.id],
      ],
      [['--signer', 'Mallory'], []],
      [['--module', 'example'], [signed.id]],
      [['--module', 'file'], []],
      [['--ran'], [signed.id]],
      [['--refused'], [refused.id]],
      [
        ['--since', '1h'],
        [signed.id, refused.id],
      ],
      [['--since', '2099-01-01'], []],
      [['--last', '1'], [refused.id]],
    ] as const) {
      const { output } = await say(fleet, ['journal', ...filter]);
      expect([filter, [...output.matchAll(/Z {2}(\S+)/g)].map(([, id]) => id)]).toEqual([filter, ids]);
    }
    const json = await say(fleet, ['journal', '--json', '--last', 'all']);
    const records = json.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly actionid: string });
    expect(records.map(({ actionid }) => actionid)).toEqual([signed.id, refused.id]);
  }));

describe('an agent that is asked to end', () => {
  test('stops what runs, answers for it, says that it leaves, and exits with 0', () =>
    withCountedRuns((runs) =>
      withFleetOfOne(agent, async (fleet) => {
        const running = fleet.start();
        await fleet.next('hello');
        const id = await fleet.ask([runs.operation(60)]);
        await runs.begun(1);
        running.child.kill('SIGTERM');
        const result = await fleet.next('result', ({ commandid }) => commandid === id);
        expect(result).toMatchObject({
          status: 'failed',
          results: [{ errors: ['the agent was stopped while it ran'] }],
        });
        await fleet.next('presence', ({ online }) => !online);
        expect(await running.ended).toBe(0);
        expect(readdirSync(fleet.places.spool)).toEqual([`${id}.json`]);
        expect(existsSync(fleet.places.socket)).toBe(false);
      }),
    ));
});

test('an agent whose platform went away ends all the same when it is asked to', () =>
  withFleetOfOne(agent, async (fleet) => {
    const running = fleet.start();
    await fleet.next('hello');
    await fleet.relay.broker.close();
    await expect.poll(() => running.output()).toContain('connection to the platform lost');
    running.child.kill('SIGTERM');
    expect(await running.ended).toBe(0);
  }));

describe('mig-agent --checkin', () => {
  test('runs what it is owed, and leaves with 0 when nothing is', () =>
    withFleetOfOne(agent, async (fleet) => {
      fleet.configure('[checkin]\nidle = "1s"\n');
      const leaving = fleet.start(['--checkin']);
      const hello = await fleet.next('hello');
      expect(hello.agent.mode).toBe('checkin');
      const id = await fleet.ask([whoAreYou]);
      expect(await fleet.next('result')).toMatchObject({ commandid: id, status: 'success' });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(leaving.child.exitCode).toBe(null);
      await fleet.acknowledge(id);
      expect(await leaving.ended).toBe(0);
    }));

  test.each(['result', 'alert'] as const)('leaves with 1 when nobody acknowledges its %s', (kind) =>
    withFleetOfOne(agent, async (fleet) => {
      fleet.configure('[checkin]\nidle = "4s"\npatience = "2s"\n');
      const { alerts } = fleet.places;
      mkdirSync(alerts, { recursive: true });
      const outbox = new Outbox(alerts, 'example', 1024 * 1024);
      const [id, time] = [createUuid(), new Date().toISOString()];
      if (kind === 'alert') outbox.add([{ id, module: 'example', time, message: 'of before', fields: {} }]);
      outbox.close();
      const leaving = fleet.start(['--checkin']);
      await fleet.next('hello');
      if (kind === 'result') await fleet.ask([whoAreYou]);
      await fleet.next(kind);
      expect(await leaving.ended).toBe(1);
      expect(leaving.output()).toMatch(
        /"unacknowledged":1,.*platform acknowledged nothing, it is kept for the next time/,
      );
    }),
  );

  test('leaves with 1 when the platform cannot be reached', () =>
    withFleetOfOne(agent, async (fleet) => {
      fleet.configure('[checkin]\npatience = "1s"\n[relay]\nurls = ["mqtts://127.0.0.1:1"]\n');
      const { status, output } = await say(fleet, ['--checkin']);
      expect(status).toBe(1);
      expect(output).toMatch(/ECONNREFUSED.*platform was not reached/);
    }));
});

test('who reads only the beginning of what is printed, as head does, sees no error', () =>
  withFleetOfOne(agent, async (fleet) => {
    const words = [fleet.places.configDirectory, process.execPath, agent.script];
    const run = spawnSync('sh', ['-c', 'cd "$0"; { "$1" "$2" help; echo "status $?" >&2; } | true', ...words], {
      encoding: 'utf8',
    });
    expect(run.stderr).toBe('status 0\n');
  }));

test('a reload while it enrols does not end the agent', () =>
  withFleetOfOne(
    agent,
    async (fleet) => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      fleet.configure(`[enrolment]\nserver = "https://127.0.0.1:${port}"\ntoken = "secret.${'a'.repeat(64)}"\n`);
      const enrolling = fleet.start();
      const [socket] = (await once(server, 'connection')) as [Socket];
      enrolling.child.kill('SIGHUP');
      await expect.poll(() => enrolling.output()).toContain('configuration of modules is read again');
      socket.destroy();
      server.close();
      expect(await enrolling.ended).toBe(1);
    },
    { isMissing: true },
  ));

describe('wrong use', () => {
  test.each([
    [
      ['--nonsense'],
      2,
      /^mig-agent: expected one of --checkin --owned --config-dir .*, got '--nonsense'; mig-agent -h/,
    ],
    [['nonsense'], 2, /expected one of enrol, status, journal, or options, got 'nonsense'/],
    [['journal', '--last', 'few'], 2, /--last: expected a number or 'all', got 'few'/],
    [['journal', '--last', '2.5'], 2, /--last: expected a number or 'all', got '2.5'/],
    [['journal', '--last', 'Infinity'], 2, /--last: expected a number or 'all', got 'Infinity'/],
    [['journal', '--signer', ''], 2, /--signer: expected a value, got an empty one/],
    [['--config', ''], 2, /--config: expected a value, got an empty one/],
    [['enrol', '--token', 'a', '--token-file', 'b'], 2, /expected --token or --token-file, got both/],
    [['status', 'more'], 2, /^mig-agent: expected only options, got 'more'; mig-agent -h/],
    [['journal', '--last'], 2, /^mig-agent: --last: expected a value after it, got '--config-dir'/],
    [['enrol'], 2, /^mig-agent: expected --server URL, or enrolment.server in the configuration, got neither;/],
    [['enrol', '--server', 'x'], 2, /^mig-agent: server: expected a URL such as https:.*, got 'x';/],
    [['enrol', '--server', 'https://x'], 2, /^mig-agent: expected --token-file FILE or --token TOKEN, got neither;/],
  ])('%j is one sentence, and exit status %i', (words, status, text) =>
    withFleetOfOne(agent, async (fleet) => {
      const said = await say(fleet, words);
      expect(said.status).toBe(status);
      expect(said.output).toMatch(text);
      expect(said.output).not.toMatch(/ at .*\.cjs/);
    }),
  );

  test('a configuration to enrol with that has no token is said to be one', () =>
    withFleetOfOne(
      agent,
      async (fleet) => {
        fleet.configure('[enrolment]\nserver = "https://127.0.0.1:1"\n');
        expect(await say(fleet, [])).toEqual({
          status: 2,
          output: 'mig-agent: enrolment: expected tokenfile or token beside server, got neither\n',
        });
      },
      { isMissing: true },
    ));

  test('a key of the configuration that is not known stops the agent with file and line', () =>
    withFleetOfOne(agent, async (fleet) => {
      fleet.configure('name = "web1"\n[limits]\nactoins = 3\n');
      const { status, output } = await say(fleet, []);
      expect([status, output]).toEqual([
        2,
        `mig-agent: ${join(fleet.places.configDirectory, 'mig-agent.toml')}, line 3: unknown key 'limits.actoins', did you mean 'limits.actions'? expected in [limits] one of actions, queued, timeout, memorymb, spare\n`,
      ]);
    }));
});
