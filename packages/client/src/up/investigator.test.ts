import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEnvelope, readKeyring, verifySignatures } from '@mig/action';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { placesOf } from '../settings/places.ts';
import { loadSettings } from '../settings/settings.ts';
import { openSigner } from '../signing/investigator-signer.ts';
import { investigatorPlaces, prepareInvestigator } from './investigator.ts';
import { upPlacesOf } from './up-places.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-up-'));
  mkdirSync(join(folder, 'up/server'), { recursive: true });
  writeFileSync(up().authority, 'the CA\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const up = () => upPlacesOf(join(folder, 'up'), {});
const own = () => placesOf(undefined, { XDG_CONFIG_HOME: folder });
const platform = { url: 'https://127.0.0.1:8443', fleet: 'mig' };

test('makes a key with which mig signs without a question, readable by its owner alone, once', async () => {
  const places = await investigatorPlaces(own(), up());
  expect(places.settings).toBe(own().settings);
  const first = await prepareInvestigator(places, up(), platform, false);
  expect(first.made.join('\n')).toContain(first.key.fingerprint);
  const settings = loadSettings(places, {});
  expect(settings).toMatchObject({ ...platform, key: first.key.fingerprint });
  for (const file of [settings.passphrase.file, first.key.file]) expect(statSync(file).mode & 0o077).toBe(0);
  const signed = await (await openSigner(settings, places)).sign(createEnvelope(new TextEncoder().encode('{}')));
  const [verdict] = await verifySignatures(signed, await readKeyring([first.key.publicKey]), new Date());
  expect(verdict).toMatchObject({ valid: true, fingerprint: first.key.fingerprint });

  const again = await prepareInvestigator(await investigatorPlaces(own(), up()), up(), platform, false);
  expect([again.key.fingerprint, again.made]).toEqual([first.key.fingerprint, []]);
  const moved = await prepareInvestigator(places, up(), { ...platform, url: 'https://127.0.0.1:9443' }, false);
  expect(moved.made).toEqual([`${places.settings}: url is https://127.0.0.1:9443 now`]);
  expect(loadSettings(places, {})).toEqual({ ...settings, url: 'https://127.0.0.1:9443' });
});

test('a configuration for another platform is left as it is', async () => {
  mkdirSync(own().directory, { recursive: true });
  writeFileSync(own().settings, 'url = "https://mig.example.net"\nca = "ca.crt"\n');
  writeFileSync(join(own().directory, 'ca.crt'), 'another CA\n');
  const places = await investigatorPlaces(own(), up());
  expect(places.settings).toBe(join(folder, 'up/client/config.toml'));
  await prepareInvestigator(places, up(), platform, false);
  expect(loadSettings(places, {}).url).toBe(platform.url);
  expect(readFileSync(own().settings, 'utf8')).toContain('mig.example.net');
});
