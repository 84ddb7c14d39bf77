/** mosquitto_sub and mosquitto_pub with a certificate of our choice: clients that were made elsewhere. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestCertificate } from '@mig/testing';

export interface ClientPlace {
  readonly port: number;
  /** The CA's certificate, PEM. */
  readonly ca: string;
  /** Where files may be put. */
  readonly folder: string;
}

/** The words of a client's command line that say where the broker is and who asks. */
export function wordsFor({ port, ca, folder }: ClientPlace, certificate: TestCertificate | undefined): string[] {
  const own = mkdtempSync(join(folder, 'client-'));
  writeFileSync(join(own, 'ca.crt'), ca);
  const words = ['-h', '127.0.0.1', '-p', String(port), '--cafile', join(own, 'ca.crt')];
  if (certificate === undefined) return words;
  writeFileSync(join(own, 'client.crt'), certificate.cert);
  writeFileSync(join(own, 'client.key'), certificate.key);
  return [...words, '--cert', join(own, 'client.crt'), '--key', join(own, 'client.key')];
}

/** Publishes one message; gives the exit status and what was said. */
export async function publishWith(
  words: readonly string[],
): Promise<{ readonly status: number; readonly said: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)('mosquitto_pub', [...words], { timeout: 10_000 });
    return { status: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string };
    return { status: code ?? -1, said: stdout + stderr };
  }
}

/** Whether the broker lets a client subscribe to `filter`: within two seconds, it may try again. */
export async function isSubscribed(words: readonly string[], filter: string): Promise<boolean> {
  const asking = [...words, '-d', '-E', '-W', '2', '-q', '1', '-t', filter];
  const { stdout } = await promisify(execFile)('mosquitto_sub', asking, { timeout: 10_000 }).catch(
    (error: { stdout: string }) => error,
  );
  return /^Subscribed/m.test(stdout);
}

export interface Listening {
  readonly child: ChildProcess;
  /** Topics of the messages that came. */
  topics(): string[];
  /** Resolves once a message came on `topic`; rejects when the client ends first. */
  until(topic: string): Promise<void>;
  end(): Promise<void>;
}

/** Subscribes; resolves once the broker has answered the subscription, whatever the answer. */
export async function listenWith(words: readonly string[], filters: readonly string[]): Promise<Listening> {
  // Its lines have to come as they are written, and not when there are many.
  const child = spawn('stdbuf', [
    '-oL',
    'mosquitto_sub',
    ...words,
    '-d',
    '-q',
    '1',
    '-F',
    'GOT %t',
    ...filters.flatMap((one) => ['-t', one]),
  ]);
  let text = '';
  const looks = new Set<() => void>();
  const take = (chunk: Buffer) => {
    text += chunk.toString();
    for (const look of looks) look();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const when = (condition: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (condition()) resolve();
      };
      looks.add(look);
      ended.then(() => reject(new Error(`mosquitto_sub ended: ${text}`)));
      look();
    });
  const topics = () => [...text.matchAll(/^GOT (.*)$/gm)].map(([, topic]) => topic!);
  await when(() => /^Subscribed/m.test(text));
  return {
    child,
    topics,
    until: (topic) => when(() => topics().includes(topic)),
    async end() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
