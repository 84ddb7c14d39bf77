/** mig-console as people use it: orders through a pipe, and in a terminal, against a whole platform. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAction, createEnvelope, encodeAction, errorCodes, signEnvelope } from '@mig/action';
import { getAction, createAction as launchAction } from '@mig/api';
import { openPlatform, type TestAgent, type TestPlatform } from '@mig/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { atTerminal } from '../terminal.ts';

let platform: TestPlatform;
let here: TestAgent;
let close = async () => {};
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mig-console-'));
  ({ platform, close } = await openPlatform());
  here = await platform.enrol('here');
  await platform.enrol('away');
  await here.start();
});
afterAll(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs orders through a pipe. */
async function typed(...orders: readonly string[]): Promise<{ status: number | string; output: string }> {
  const console_ = platform.console();
  console_.child.stdin!.end(`${orders.join('\n')}\n`);
  return { status: await console_.ended, output: console_.output() };
}

test('an action is made, launched and read, order by order', async () => {
  const csv = join(folder, 'answers.csv');
  const { status, output } = await typed(
    'action new',
    'add example -gethostname',
    'name who is there',
    "target name = 'here'",
    'threat level=high',
    'show',
    'launch now',
    'results all | grep hostname',
    'ls success',
    'missing',
    'json | grep "level"',
    `export ${csv}`,
    'command here',
    'json | grep foundanything',
    'exit',
    'copy',
    'show | grep operation',
  );
  expect(status).toBe(0);
  const lines = output.split('\n');
  expect(lines[0]).toBe('Fleet lab: 1 online, 0 idle, 1 offline');
  expect(output).toMatch(/^operation 1 {2}example \{"gethostname":true\}$/m);
  const [, id] = /^launched (\S+): who is there$/m.exec(output)!;
  expect(lines.filter((line) => line === `here hostname is ${hostname()}`)).toHaveLength(3);
  expect(output).toMatch(/^\S+ {2}here {2}success {2}found {2}online$/m);
  expect(output).toMatch(/^everybody has answered$/m);
  expect(output).toMatch(/^ {4}"level": "high"$/m);
  expect(output).toMatch(/^ {6}"foundanything": true,$/m);
  expect(output).toContain("a copy of 'who is there'");
  expect(readFileSync(csv, 'utf8').split('\r\n')[1]).toMatch(
    new RegExp(`^here,${here.id},success,true,[^,]+,hostname is ${hostname()}$`),
  );
  const stored = await platform.client.call(getAction, { params: { id: id! } });
  expect(stored).toMatchObject({ name: 'who is there', threat: { level: 'high' }, status: 'finished' });
});

test('an order that fails through a pipe ends it: nothing that builds on it is done', async () => {
  const { status, output } = await typed('action new', 'target true', 'add exampel -gethostname', 'launch now');
  expect(status).toBe(1);
  expect(output).toMatch(/^expected a module, got 'exampel'/m);
  expect(output).not.toMatch(/launched/);
});

test('what is looked for is found: agents, actions, commands, and what an agent was asked', async () => {
  const { id } = await platform.launch([{ module: 'example', parameters: { gethostname: true } }], {
    name: 'to be searched for',
    target: "name = 'here'",
  });
  await platform.follow(id);
  const { status, output } = await typed(
    'search agents where name=her% and os=linux and status=online',
    'search agents where status=offline',
    'search actions where name=searched and by=dana',
    'search actions where name=searched and before=2020-01-01T00:00:00Z',
    `search commands where action=${id} and found=yes`,
    "query name = 'away'",
    'agent here',
    'commands 1',
  );
  expect(status).toBe(0);
  const found = output.split('\n').filter((line) => / found$/.test(line) && /^\d+ found/.test(line));
  expect(found).toEqual(['1 found', '1 found', '1 found', '0 found', '1 found']);
  expect(output).toMatch(new RegExp(`^here +online +linux +\\S+ +${here.id} `, 'm'));
  expect(output).toMatch(/^away {2}offline {2}/m);
  expect(output).toMatch(new RegExp(`^${id} {2}.* {2}to be searched for$`, 'm'));
  expect(output).toMatch(/^\S{36} {2}[-0-9]+ [:0-9]+ {2}success {2}found {2}to be searched for$/m);
});

test('the answers of an action are printed as in mig: what was refused says once what can be done', async () => {
  const { id } = await platform.launch([{ module: 'nonesuch', parameters: {} }], { target: "name = 'here'" });
  await platform.follow(id);
  const { status, output } = await typed(`action ${id}`, 'results');
  expect(status).toBe(0);
  expect(output).toMatch(/^here refused: nonesuch: /m);
  expect(output.split('\n').filter((line) => line === errorCodes.MODULE_UNKNOWN.wayout)).toHaveLength(1);
});

test('API keys of an investigator are made, listed and ended', async () => {
  const made = await typed('investigator dana', 'apikeys create report -expires 30d', 'apikeys');
  expect(made.status).toBe(0);
  expect(made.output).toMatch(/^mig_[\w-]+$/m);
  const [, id] = /^API key (\S+), until \d{4}-/m.exec(made.output)!;
  expect(made.output).toMatch(new RegExp(`^${id} {2}report {2}.* {2}never {2}`, 'm'));
  const ended = await typed('investigator dana', `apikeys delete ${id}`, 'apikeys');
  expect(ended.output).toMatch(/^there are no API keys$/m);
});

test('a draft that is saved signed is for a second investigator; an edit takes the signatures away', async () => {
  const file = join(folder, 'signed.json');
  const { status, output } = await typed(
    'action new',
    'add example -gethostname',
    "target name = 'here'",
    'sign',
    `save ${file}`,
    'exit',
    'action new',
    `load ${file}`,
    'show | grep signed',
    'edit 1 {"getaddresses": true}',
    'show | grep -v may',
  );
  expect(status).toBe(0);
  const { fingerprint } = platform.investigator;
  expect(output).toContain(`signed by Dana ${fingerprint}\nread it with show`);
  expect(output).toContain(`signed       1 signature, ${fingerprint}`);
  expect(output).toMatch(/^the signatures were for what it was, and are gone$/m);
  expect(output).toMatch(/^operation 1 {2}example \{"getaddresses":true\}$/m);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ signatures: [{ keyid: fingerprint }] });
});

const openTerminal = () => atTerminal('mig-console', ['--config', platform.settings], { HOME: folder });

test('in a terminal ctrl-c stops what runs, and neither the console nor the action', async () => {
  const { type, shows, ended } = openTerminal();
  await shows(/mig>/);
  type('acti');
  type('\t');
  await shows(/action/);
  type('\u0003');
  await shows(/mig>/);
  type('action new\r');
  await shows(/new action>/);
  type("target name = 'away'\r");
  await shows(/1 agent targeted, 0 online, 1 offline: away/);
  type('add example -gethostname\r');
  await shows(/1: example/);
  type('launch now\r');
  await shows(/launched ([-0-9a-f]{36})/);
  await shows(/ctrl-c stops following/);
  type('\u0003');
  await shows(/stopped following; the action goes on/);
  await shows(/ {2}follow {2}follows it again/);
  await shows(/action [0-9a-f]{4}>/);
  type('details\r');
  await shows(/status\s+inprogress/);
  type('cancel done with it\r');
  await shows(/cancelled: /);
  type('\u0004');
  await shows(/mig>/);
  type('exit\r');
  expect(await ended).toBe(0);
  const history = readFileSync(join(platform.settings, '../history'), 'utf8').split('\n');
  expect(history).toContain('cancel done with it');
});

test('results -f prints answers as they come, and says how to go on with the orders of the place', async () => {
  const target = "name IN ('here', 'away')";
  const { id } = await platform.launch([{ module: 'example', parameters: { gethostname: true } }], { target });
  const { type, shows, ended } = openTerminal();
  await shows(/mig>/);
  type(`results ${id} -f\r`);
  await shows(/here hostname is /);
  await shows(/ctrl-c stops following/);
  type('\u0003');
  await shows(/not answered: 1 agent/);
  await shows(new RegExp(` {2}results ${id} -f {2}follows it again`));
  await shows(new RegExp(` {2}cancel ${id} {6}ends it`));
  await shows(/mig>/);
  type(`cancel ${id} -reason enough\r`);
  await shows(/cancelled: /);
  type('exit\r');
  expect(await ended).toBe(0);
});

test('names that would drive a terminal are shown, not obeyed', async () => {
  const action = createAction({
    fleet: platform.fleet,
    name: 'evil \u001b]0;title\u0007 name',
    target: "name = 'away'",
    operations: [{ module: 'example', parameters: { gethostname: true } }],
  });
  const { privateKey } = platform.investigator;
  const unsigned = createEnvelope(encodeAction(action));
  const body = await signEnvelope(unsigned, { privateKey, passphrase: platform.passphrase });
  await platform.client.call(launchAction, { body });
  const { output } = await typed(`action ${action.id}`, 'details', 'json', 'exit', 'search actions', 'status');
  expect(output).toContain('evil \\x1b]0;title');
  expect(output).not.toContain('\u001b');
});
