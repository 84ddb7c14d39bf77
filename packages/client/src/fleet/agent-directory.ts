/** The configuration directory of agents before they are enrolled: where to enrol, with which token, whom to trust. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeKeys, exportKey, parseAcl, readKeyring } from '@mig/action';
import { writePrivateFile } from '../settings/private-file.ts';

export interface AgentDirectory {
  /** Keys and access list, written out by `write`. */
  write(options: AgentDirectoryOptions): void;
}

export interface AgentDirectoryOptions {
  readonly directory: string;
  /** URL of the API where they enrol. */
  readonly server: string;
  readonly token: string;
}

/**
 * Reads the public keys that endpoints are to trust: the signature of any one will allow every module. Throws when one
 * cannot be used.
 */
export async function prepareAgentDirectory(publicKeys: readonly string[]): Promise<AgentDirectory> {
  const keyring = await readKeyring([...publicKeys]);
  const keys = await describeKeys(keyring, new Date());
  const bad = keys.find(({ unusable }) => unusable !== null);
  if (bad?.unusable) throw new Error(`${bad.unusable.message}: nothing was written`);
  const investigators = Object.fromEntries(
    keys.map(({ fingerprint, userids }) => [
      `${userids[0] ?? 'key'} ${fingerprint.slice(-8)}`,
      { fingerprint, weight: 1 },
    ]),
  );
  const acl = JSON.stringify({ default: { minimumweight: 1, investigators } }, null, 2);
  parseAcl(acl);
  return {
    write({ directory, server, token }) {
      mkdirSync(join(directory, 'keys'), { recursive: true, mode: 0o700 });
      for (const { fingerprint } of keys) {
        writeFileSync(join(directory, 'keys', `${fingerprint}.asc`), exportKey(keyring, fingerprint));
      }
      writeFileSync(join(directory, 'acl.json'), `${acl}\n`);
      writePrivateFile(join(directory, 'token'), `${token}\n`);
      const enrolment = `[enrolment]\nserver = ${JSON.stringify(server)}\ntokenfile = "token"\n`;
      writeFileSync(join(directory, 'mig-agent.toml'), enrolment);
    },
  };
}
