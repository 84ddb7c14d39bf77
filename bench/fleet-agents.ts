/** The agents of bench/fleet.ts: connections with certificates of their own that say hello and answer what they are asked. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Uuid } from '@mig/action';
import { connectRelay, type Relay } from '@mig/relay';
import { createCertificateRequest } from '../packages/agent/src/enrolment/certificate-request.ts';
import { issueAgent } from '../packages/server/src/certificates/issue.ts';
import { introductionOf } from '../packages/server/src/testing/introduction-of.ts';
import type { FleetWord } from './fleet.ts';

const [datadir, url] = process.argv.slice(2) as [string, string];
const ca = readFileSync(join(datadir, 'ca.crt'), 'utf8');
const authority = { cert: ca, key: readFileSync(join(datadir, 'ca.key'), 'utf8') };
/** How many connect at a time. */
const atOnce = 64;
/** A kilobyte of metadata. */
const elements = { hostname: 'x'.repeat(1_000) };

const say = (word: FleetWord['word']) => process.send!({ word });

process.once('message', (ids: readonly Uuid[]) => void run(ids));

async function run(ids: readonly Uuid[]): Promise<void> {
  // One key for all: what is measured is not how fast this machine makes keys.
  const { privateKey, request } = await createCertificateRequest('agent');
  let asked = 0;
  const answer = async (relay: Relay, agentId: Uuid, command: { commandid: Uuid; actionid: Uuid }) => {
    if (++asked % ids.length === 0) say('asked');
    const time = new Date().toISOString();
    await relay.publish('result', agentId, {
      commandid: command.commandid,
      actionid: command.actionid,
      status: 'success',
      results: [{ foundanything: true, success: true, elements, statistics: null, errors: null }],
      refusals: [],
      starttime: time,
      finishtime: time,
    });
  };
  const certificates = new Map<Uuid, string>();
  for (const agentId of ids) {
    certificates.set(agentId, await issueAgent(authority, { fleet: 'lab' as never, agentId, csr: request }));
  }
  say('ready');
  await once(process, 'message');
  const connect = async (agentId: Uuid) => {
    const cert = certificates.get(agentId)!;
    const relay = connectRelay({
      urls: [url],
      fleet: 'lab',
      as: { role: 'agent', agentId },
      tls: { ca, cert, key: privateKey },
    });
    await relay.consume(['command', 'cancel', 'acknowledgement'], async ({ kind, message }) => {
      if (kind === 'command') await answer(relay, agentId, message);
    });
    await new Promise<void>((resolve) => relay.onConnection((state) => state === 'connected' && resolve()));
    const time = new Date().toISOString();
    await relay.publish('hello', agentId, { session: relay.session, time, agent: introductionOf('agent'), held: [] });
  };
  const waiting = [...ids];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) await connect(id);
    }),
  );
  say('connected');
}
