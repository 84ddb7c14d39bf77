import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAction, createEnvelope, encodeAction, encodeEnvelope } from '@mig/action';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadFile } from './load-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-load-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const asking = (listeningport: unknown) => ({
  name: 'who listens',
  target: 'true',
  operations: [{ module: 'netstat', parameters: { listeningport } }],
});

function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const envelopeOf = (listeningport: unknown) =>
  encodeEnvelope(createEnvelope(encodeAction(createAction({ ...asking(listeningport), fleet: 'lab' }))));

test('ports as texts are taken as numbers before anybody has signed, and refused afterwards', async () => {
  const file = fileOf('action.json', JSON.stringify({ ...asking(['22']), syntaxversion: 2 }));
  expect(await loadFile(file)).toMatchObject({
    kind: 'draft',
    draft: asking([22]),
    notes: [`${file}: operations[0] (netstat): texts were taken as the numbers that they stand for`],
  });
  expect(await loadFile(fileOf('good.json', envelopeOf([22])))).toMatchObject({ kind: 'envelope', notes: [] });
  const signed = fileOf('signed.json', envelopeOf(['22']));
  await expect(loadFile(signed)).rejects.toThrow(
    `${signed} is signed, and agents will not take its texts for numbers: make it anew`,
  );
});
