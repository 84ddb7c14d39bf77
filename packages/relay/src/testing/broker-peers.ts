/** What a broker has to hold, shown with clients that were made elsewhere: every broker is asked the same. */
import { createUuid, topicsOf, type Uuid } from '@mig/action';
import { createTestAuthority, type TestAuthority, type TestCertificate } from '@mig/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectRelay } from '../connection/connect-relay.ts';
import type { Received, Relay } from '../relay.ts';
import { isSubscribed, listenWith, publishWith, wordsFor } from './mosquitto-clients.ts';

export const fleet = 'testfleet';
const topics = topicsOf(fleet);

/** A broker, and where it takes agents and the platform. */
export interface BrokerPlace {
  readonly agentPort: number;
  readonly platformPort: number;
  /** Ends, and begins, as after a crash. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface BrokerUnderTest {
  readonly name: string;
  readonly start: () => Promise<BrokerPlace>;
  readonly authority: () => TestAuthority;
  /** Where files may be put. */
  readonly folder: () => string;
  /** Whether a subscription with a wildcard is given retained messages. Default true. */
  readonly keepsRetained?: boolean;
  /** Whether it ends the connection of a client that subscribes to what it may not. Default false. */
  readonly closesOnRefusal?: boolean;
}

const presenceOf = (online: boolean) =>
  JSON.stringify({ online, session: createUuid(), time: new Date().toISOString() });
const acknowledgement = () => ({ of: 'result', id: createUuid(), outcome: 'stored' }) as const;
export const alert = () => ({
  id: createUuid(),
  module: 'm',
  time: new Date().toISOString(),
  message: 'x',
  fields: {},
});

/** Describes the tests of one broker. */
export function describeBroker({
  name,
  start,
  authority: theAuthority,
  folder: theFolder,
  keepsRetained = true,
  closesOnRefusal = false,
}: BrokerUnderTest) {
  describe(name, () => {
    let authority: TestAuthority;
    let folder = '';
    let place: BrokerPlace;
    const relays: Relay[] = [];
    const [victim, attacker] = [createUuid(), createUuid()];
    let certificate: TestCertificate;
    beforeAll(async () => {
      authority = theAuthority();
      folder = theFolder();
      place = await start();
      certificate = await authority.issue(attacker, 'agent');
    });
    afterEach(async () => {
      await Promise.all(relays.splice(0).map((relay) => relay.close()));
    });
    afterAll(() => place.stop());

    async function connect(as: Parameters<typeof connectRelay>[0]['as']): Promise<Relay> {
      const own = await authority.issue(as.role === 'agent' ? as.agentId : 'platform', as.role);
      const port = as.role === 'agent' ? place.agentPort : place.platformPort;
      const tls = { ca: authority.ca, ...own };
      const relay = connectRelay({ urls: [`mqtts://127.0.0.1:${port}`], fleet, as, tls });
      relays.push(relay);
      await new Promise<void>((resolve) => relay.onConnection((state) => state === 'connected' && resolve()));
      return relay;
    }

    /** Words of a client of the attacker; without a certificate where that is undefined. */
    const words = (own: TestCertificate | undefined = certificate, id: string = attacker) => [
      ...wordsFor({ port: place.agentPort, ca: authority.ca, folder }, own),
      '-i',
      id,
    ];

    test('lets an agent hear only what is said to it, whatever it asks for', async () => {
      const [platform, agent] = [
        await connect({ role: 'platform', name: 'test' }),
        await connect({ role: 'agent', agentId: victim }),
      ];
      const heard: Received[] = [];
      await platform.consume(['alert'], async (received) => void heard.push(received));
      await agent.consume(['acknowledgement'], async (received) => void heard.push(received));
      const filters = ['#', '+/#', '/#', `mig/${fleet}/#`, `mig/${fleet}/agent/+/to/+`, `mig/${fleet}/agent/+/from/+`];
      const ofVictim = [`mig/${fleet}/agent/${victim}/#`, topics.alert(victim), topics.acknowledgement(victim)];
      const shared = ['$share/x/#', `$share/x/mig/${fleet}/agent/+/from/alert`, `$queue/${topics.alert(victim)}`];
      const own = topics.toAgent(attacker);
      const foreign = [...filters, ...ofVictim, ...shared, '$SYS/#'];
      if (closesOnRefusal) {
        for (const filter of foreign) {
          expect([filter, await isSubscribed(words(), filter)]).toEqual([filter, false]);
        }
      }
      const listening = await listenWith(words(), closesOnRefusal ? [own] : [...foreign, own]);
      await agent.publish('alert', victim, alert());
      await platform.publish('acknowledgement', victim, acknowledgement());
      await expect.poll(() => heard.map(({ kind }) => kind).sort()).toEqual(['acknowledgement', 'alert']);
      await platform.publish('acknowledgement', attacker, acknowledgement());
      await listening.until(topics.acknowledgement(attacker));
      await listening.end();
      expect(listening.topics()).toEqual([topics.acknowledgement(attacker)]);
    });

    test('lets an agent say nothing in the name of another, of the platform, or to itself', async () => {
      const platform = await connect({ role: 'platform', name: 'test' });
      const heard: Received[] = [];
      const note = async (received: Received) => void heard.push(received);
      await platform.consume(['hello', 'heartbeat', 'presence', 'result', 'alert'], note);
      const agent = await connect({ role: 'agent', agentId: victim });
      await agent.consume(['command', 'cancel', 'acknowledgement'], note);
      const presences = () =>
        heard.filter(({ kind }) => kind === 'presence').map(({ message }) => (message as { online: boolean }).online);
      await expect.poll(() => presences().at(-1)).toBe(true);
      heard.length = 0;

      const lies: (readonly [topic: string, payload: string])[] = [
        [topics.presence(victim), presenceOf(false)],
        [topics.alert(victim), JSON.stringify(alert())],
        [topics.result(victim), '{}'],
        [topics.hello(victim), '{}'],
        [topics.command(victim), '{}'],
        [topics.acknowledgement(victim), JSON.stringify(acknowledgement())],
        [topics.acknowledgement(attacker), JSON.stringify(acknowledgement())],
        [`mig/otherfleet/agent/${attacker}/from/presence`, presenceOf(true)],
        ['$SYS/broker/version', 'x'],
        [`$share/x/${topics.presence(victim)}`, presenceOf(false)],
      ];
      for (const [topic, payload] of lies) {
        for (const flags of [[], ['-q', '1'], ['-q', '1', '-r'], ['-q', '2', '-r']]) {
          await publishWith([...words(), '-t', topic, '-m', payload, ...flags]);
        }
      }
      const will = ['--will-topic', topics.presence(victim), '--will-payload', presenceOf(false), '--will-retain'];
      const dying = await listenWith([...words(), ...will], [topics.toAgent(attacker)]);
      await dying.end();
      // What it may say comes through, and after all the rest.
      await publishWith([...words(), '-t', topics.alert(attacker), '-m', JSON.stringify(alert()), '-q', '1']);
      await expect.poll(() => heard.at(-1)).toMatchObject({ kind: 'alert', agentId: attacker });
      await platform.publish('acknowledgement', victim, acknowledgement());
      await expect.poll(() => heard.at(-1)).toMatchObject({ kind: 'acknowledgement', agentId: victim });
      expect(heard.map(({ kind, agentId }) => [kind, agentId])).toEqual([
        ['alert', attacker],
        ['acknowledgement', victim],
      ]);
      // Nor has anything been retained for those who come later.
      const later = await connect({ role: 'platform', name: 'later' });
      const retained: Received[] = [];
      await later.consume(['presence', 'alert', 'result', 'hello'], async (received) => void retained.push(received));
      if (keepsRetained) await expect.poll(() => retained.length).toBeGreaterThan(0);
      // What was kept would have come before this.
      await agent.publish('alert', victim, alert());
      await expect.poll(() => retained.at(-1)?.kind).toBe('alert');
      expect(
        retained.slice(0, -1).map(({ agentId, message }) => [agentId, (message as { online: boolean }).online]),
      ).toEqual(keepsRetained ? [[victim, true]] : []);
    });

    test('does not let an agent end the connection of another by taking its client id', async () => {
      const platform = await connect({ role: 'platform', name: 'test' });
      const agent = await connect({ role: 'agent', agentId: victim });
      const changes: string[] = [];
      agent.onConnection((state) => changes.push(state));
      await publishWith([
        ...words(certificate, victim),
        '-t',
        topics.alert(attacker),
        '-m',
        JSON.stringify(alert()),
        '-q',
        '1',
      ]);
      const heard: Received[] = [];
      await agent.consume(['acknowledgement'], async (received) => void heard.push(received));
      await platform.publish('acknowledgement', victim, acknowledgement());
      await expect.poll(() => heard.length).toBe(1);
      expect(changes).toEqual(['connected']);
    });

    test('lets nobody in without a certificate, or with one of another CA or one that has expired', async () => {
      const message = ['-t', topics.alert(attacker), '-m', JSON.stringify(alert()), '-q', '1'];
      const elsewhere = await createTestAuthority(fleet);
      const past = { notBefore: new Date(Date.now() - 7_200_000), notAfter: new Date(Date.now() - 3_600_000) };
      const future = { notBefore: new Date(Date.now() + 3_600_000), notAfter: new Date(Date.now() + 7_200_000) };
      const bare = wordsFor({ port: place.agentPort, ca: authority.ca, folder }, undefined);
      expect((await publishWith([...words(), ...message])).status).toBe(0);
      expect((await publishWith([...bare, '-i', attacker, ...message])).status).not.toBe(0);
      for (const wrong of [
        await elsewhere.issue(attacker, 'agent'),
        await authority.issue(attacker, 'agent', fleet, past),
        await authority.issue(attacker, 'agent', fleet, future),
      ]) {
        expect((await publishWith([...words(wrong), ...message])).status).not.toBe(0);
      }
    });

    test('tells that an agent is there, that it left, and that its process was killed', async () => {
      const platform = await connect({ role: 'platform', name: 'test' });
      const agentId = createUuid();
      const told: boolean[] = [];
      await platform.consume(['presence'], async ({ agentId: who, message }) => {
        if (who === agentId) told.push(message.online);
      });
      const agent = await connect({ role: 'agent', agentId });
      await expect.poll(() => told).toEqual([true]);
      await agent.close();
      await expect.poll(() => told).toEqual([true, false]);
      const own = words(await authority.issue(agentId, 'agent'), agentId);
      const will = ['--will-topic', topics.presence(agentId), '--will-payload', presenceOf(false), '--will-retain'];
      await publishWith([...own, '-t', topics.presence(agentId), '-m', presenceOf(true), '-r', '-q', '1']);
      await (await listenWith([...own, ...will], [topics.toAgent(agentId)])).end();
      await expect.poll(() => told).toEqual([true, false, true, false]);
    });

    test('is found again by all when it was away, and what was said meanwhile arrives', async () => {
      const platform = await connect({ role: 'platform', name: 'test' });
      const agentId: Uuid = createUuid();
      const agent = await connect({ role: 'agent', agentId });
      const heard: Received[] = [];
      await platform.consume(['alert'], async (received) => void heard.push(received));
      const lost = Promise.all(
        [platform, agent].map(
          (one) => new Promise<void>((resolve) => one.onConnection((state) => state === 'disconnected' && resolve())),
        ),
      );
      await place.stop();
      await lost;
      const said = alert();
      const saying = agent.publish('alert', agentId, said);
      await place.start();
      await saying;
      // The platform may have come back after the message; an agent therefore repeats it until it is acknowledged.
      await expect.poll(() => platform.isConnected, { timeout: 10_000 }).toBe(true);
      await agent.publish('alert', agentId, said);
      await expect.poll(() => heard.at(-1)?.message).toEqual(said);
    });
  });
}
