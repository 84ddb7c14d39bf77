/** The files that a TLS connection takes: read when a connection is made, so that renewed ones are used. */
import { readFileSync } from 'node:fs';

export interface TlsFiles {
  readonly cafile?: string | undefined;
  readonly certfile?: string | undefined;
  readonly keyfile?: string | undefined;
}

/** Options of `tls.connect`. Throws an Error that names the file that cannot be read. */
export function readTlsFiles({ cafile, certfile, keyfile }: TlsFiles): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  return {
    ...(cafile === undefined ? {} : { ca: read('cafile', cafile) }),
    ...(certfile === undefined ? {} : { cert: read('certfile', certfile) }),
    ...(keyfile === undefined ? {} : { key: read('keyfile', keyfile) }),
  };
}

function read(key: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Error(`${key}: expected a readable file, ${(cause as Error).message}`, { cause });
  }
}
