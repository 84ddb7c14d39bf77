/** The configurations that docs/brokers.md gives: what is tested is what is written there. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

const page = join(import.meta.dirname, '../../../docs/brokers.md');

/** The block of the documentation below the comment that begins with `name`. */
export function blockOf(name: string): string {
  const text = readFileSync(page, 'utf8');
  const [, block] = text.slice(text.indexOf(`<!-- ${name}`)).split(/^```.*\n/m);
  if (block === undefined) throw new Error(`docs/brokers.md has no block '${name}'`);
  return block;
}

/** Whether somebody listens on `port`; when nobody does, it says so after a moment. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(resolve, 20, false));
  });
}
