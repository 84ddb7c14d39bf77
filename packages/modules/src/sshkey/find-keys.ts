/** Searches files for keys: the part of the sshkey module that touches the machine. */
import { closeSync, fstatSync, readFileSync } from 'node:fs';
import { durationSince, type Findings, type RunContext } from '@mig/module';
import { openFile } from '../file/content-reader.ts';
import { Parameters as FileParameters } from '../file/file-parameters.ts';
import type { RawPath } from '../file/raw-path.ts';
import { type FoundFile, findFiles } from '../found-files.ts';
import { defaultPaths } from './default-paths.ts';
import { fingerprintsBeside, keysIn } from './key-file.ts';
import type { Elements, Key, Parameters, Statistics } from './sshkey.ts';

/** What a file with a key has: a block's first line, or a key whose base64 begins with the length of its type. */
const candidate =
  '-----BEGIN ([A-Z0-9]+ )*(PRIVATE|PUBLIC) KEY-----|---- BEGIN SSH2 PUBLIC KEY ----|(ssh-|ecdsa-sha2-|sk-)[a-z0-9@.-]+[ \\t]+AAAA';

/** No file of keys is larger: thousands of authorized keys fit. */
const largestBytes = 10 * 1024 ** 2;

export async function findKeys(context: RunContext<Parameters>): Promise<Findings<Elements, Statistics>> {
  const started = performance.now();
  const { maxdepth } = context.parameters;
  const paths = context.parameters.paths.length > 0 ? context.parameters.paths : defaultPaths(context.platform);
  const files = paths.length === 0 ? [] : await findCandidates(context, paths, maxdepth);
  const keys: Key[] = [];
  for (const file of files) {
    const pause = context.breathe();
    if (pause) await pause;
    keys.push(...readKeys(file, context));
  }
  const exectime = durationSince(started);
  return {
    foundanything: keys.length > 0,
    elements: { keys },
    statistics: { filescount: files.length, totalhits: keys.length, exectime },
  };
}

async function findCandidates(context: RunContext<Parameters>, paths: readonly string[], maxdepth: number) {
  const search = { paths, contents: [candidate], sizes: [`<${largestBytes}`], options: { matchall: true, maxdepth } };
  const found = await findFiles(context, FileParameters.parse({ searches: { keys: search } }).searches);
  return found.get('keys') ?? [];
}

function readKeys(file: FoundFile, context: RunContext<Parameters>): Key[] {
  try {
    const { keys, problems } = keysIn(file.path, readText(file.place));
    for (const problem of problems) context.warn(`${file.path}: ${problem}`);
    return keys.map((key) => {
      const isUnknown = key.type === 'private' && key.fingerprint_md5 === '';
      const { fingerprint_md5, fingerprint_sha256 } = isUnknown ? besides(file.place) : key;
      return { fingerprint_md5, fingerprint_sha256, path: file.path, encrypted: key.encrypted, type: key.type };
    });
  } catch (error) {
    context.warn(`${file.path}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

function besides(place: RawPath) {
  const beside = typeof place === 'string' ? `${place}.pub` : Buffer.concat([place, Buffer.from('.pub')]);
  try {
    return fingerprintsBeside(readText(beside));
  } catch {
    return fingerprintsBeside(''); // There is none: the fingerprints stay unknown.
  }
}

function readText(place: RawPath): string {
  const file = openFile(place, true);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > largestBytes) throw new Error('it is no file of keys any more');
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
