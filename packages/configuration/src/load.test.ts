import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { describeKeys } from './describe-keys.ts';
import { loadConfiguration } from './load.ts';

const Configuration = z.strictObject({
  name: z.string().default('unnamed').describe('Name of the agent.'),
  relay: z
    .strictObject({
      url: z.string().default('mqtts://localhost:8883').describe('Where the relay is.'),
      port: z.int().min(1).max(65535).default(8883).describe('Its port.'),
      servers: z.array(z.string()).default([]).describe('Others.'),
      tls: z.boolean().default(true).describe('Whether to use TLS.'),
    })
    .prefault({}),
});

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-configuration-'));
  file = join(folder, 'mig.toml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const load = (text: string, environment: Record<string, string> = {}) => {
  writeFileSync(file, text);
  return loadConfiguration(Configuration, { file, environment });
};

describe('loadConfiguration', () => {
  test('fills in the defaults when there is no file', () => {
    const expected = { name: 'unnamed', relay: { url: 'mqtts://localhost:8883', port: 8883, servers: [], tls: true } };
    expect(loadConfiguration(Configuration, { file, environment: {} })).toEqual(expected);
    expect(loadConfiguration(Configuration, { file: undefined, environment: {} })).toEqual(expected);
  });

  test('reads the file, and variables over it, in the types of the schema', () => {
    const environment = { MIG_RELAY_PORT: '1883', MIG_RELAY_TLS: 'false', MIG_RELAY_SERVERS: 'a, b', MIG_OTHER: 'x' };
    expect(load('name = "web1"\n[relay]\nport = 9000\nurl = "mqtt://r"\n', environment)).toEqual({
      name: 'web1',
      relay: { url: 'mqtt://r', port: 1883, servers: ['a', 'b'], tls: false },
    });
  });

  test.each([
    [
      'name = "a"\n\n[relay]\nprot = 1\n',
      {},
      /mig\.toml, line 4: unknown key 'relay\.prot', did you mean 'relay\.port'\? expected in \[relay\] one of url, port, servers, tls$/,
    ],
    ['nmae = "a"\n', {}, /mig\.toml, line 1: unknown key 'nmae', did you mean 'name'\? expected one of name, relay$/],
    ['nam = "a"\n', {}, /unknown key 'nam', did you mean 'name'\?/],
    [
      '[relay]\ncolour = 1\n',
      {},
      /line 2: unknown key 'relay\.colour', expected in \[relay\] one of url, port, servers, tls$/,
    ],
    ['[relay]\n# comment\nport = 70000\n', {}, /mig\.toml, line 3: 'relay\.port': .*65535, got 70000$/],
    ['relay.port = "x"\n', {}, /mig\.toml, line 1: 'relay\.port': .*got "x"$/],
    ['[relay]\nservers = ["a", 5]\n', {}, /mig\.toml, line 2: 'relay\.servers\.1': .*got 5$/],
    ['name = "a\n', {}, /mig\.toml, line 1: expected TOML: /],
    ['', { MIG_RELAY_PORT: 'many' }, /^MIG_RELAY_PORT: 'relay\.port': .*got "many"$/],
  ])('refuses %j with the place and what was expected', (text, environment, message) => {
    expect(() => load(text, environment as Record<string, string>)).toThrow(message);
  });

  test('says so when a file that must be there is not', () => {
    expect(() => loadConfiguration(Configuration, { file, isRequired: true, environment: {} })).toThrow(
      /mig\.toml: expected a configuration file/,
    );
  });
});

test('describeKeys names every key with its variable, description and default', () => {
  expect(describeKeys(Configuration)).toEqual([
    { key: 'name', variable: 'MIG_NAME', description: 'Name of the agent.', standard: '"unnamed"' },
    {
      key: 'relay.url',
      variable: 'MIG_RELAY_URL',
      description: 'Where the relay is.',
      standard: '"mqtts://localhost:8883"',
    },
    { key: 'relay.port', variable: 'MIG_RELAY_PORT', description: 'Its port.', standard: '8883' },
    { key: 'relay.servers', variable: 'MIG_RELAY_SERVERS', description: 'Others.', standard: '[]' },
    { key: 'relay.tls', variable: 'MIG_RELAY_TLS', description: 'Whether to use TLS.', standard: 'true' },
  ]);
});
