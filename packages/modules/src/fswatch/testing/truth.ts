/** What find(1) and sha256sum(1) say of a tree, and what alerts say became of it. */
import { execFileSync } from 'node:child_process';

/** A file as both can describe it. */
export type State = Readonly<Record<string, string>>;

const types: Readonly<Record<string, string>> = { f: 'file', d: 'directory', l: 'link', p: 'special', s: 'special' };

/** Every path of `tree`, itself as well. */
export function truthOf(tree: string): Map<string, State> {
  const run = (...args: string[]) => execFileSync('find', [tree, ...args], { encoding: 'utf8', maxBuffer: 1e9 });
  const hashes = new Map(
    run('-type', 'f', '-exec', 'sha256sum', '{}', '+')
      .split('\n')
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  );
  const truth = new Map<string, State>();
  for (const line of run('-printf', '%p\t%y\t%s\t%M\t%U:%G\t%T@\t%l\n').split('\n').slice(0, -1)) {
    const [path = '', kind = '', size = '', mode = '', owner = '', time = '', target = ''] = line.split('\t');
    const type = types[kind]!;
    truth.set(path, {
      type,
      mode: mode.slice(-9),
      owner,
      ...(type === 'directory' ? {} : { size, mtime: timeOf(time) }),
      ...(type === 'file' ? { sha256: hashes.get(path)! } : {}),
      ...(type === 'link' ? { target } : {}),
    });
  }
  return truth;
}

/** Seconds with a fraction, to the millisecond, in the arithmetic of Node's `mtimeMs`: a product would be a little off. */
function timeOf(seconds: string): string {
  const [whole = '', fraction = ''] = seconds.split('.');
  return new Date(Number(whole) * 1000 + Number(fraction.slice(0, 9)) / 1e6).toISOString();
}

/** Whether two states of a tree are the same, whatever the order. */
export function isSame(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean {
  const sorted = (state: unknown) => JSON.stringify(Object.entries(state ?? {}).sort());
  return one.size === other.size && [...one].every(([path, state]) => sorted(other.get(path)) === sorted(state));
}

export interface RaisedChange {
  readonly fields: Readonly<Record<string, unknown>>;
}

interface Told {
  readonly path: string;
  readonly change: string;
  readonly type: string;
  readonly old?: Record<string, unknown>;
  readonly new?: Record<string, unknown>;
}

/** Applies `alerts` to `before`. Throws where one says what was not so: an alert that was invented, or came twice. */
export function replay(before: ReadonlyMap<string, State>, alerts: readonly RaisedChange[]): Map<string, State> {
  const now = new Map(before);
  for (const { fields } of alerts) {
    const { path, change, type, old = {}, new: became = {} } = fields as unknown as Told;
    const known = now.get(path);
    const fail = (why: string) => {
      throw new Error(`${why}: ${JSON.stringify(fields)}, known is ${JSON.stringify(known)}`);
    };
    if ((change === 'created') !== (known === undefined)) fail('it was there already, or was not');
    for (const [name, value] of Object.entries(shown(old))) if (known?.[name] !== value) fail(`not its old ${name}`);
    if (change === 'changed' && JSON.stringify(shown(old)) === JSON.stringify(shown(became))) fail('nothing changed');
    if (change === 'removed') now.delete(path);
    else now.set(path, { ...(change === 'created' ? { type } : known), ...shown(became) });
  }
  return now;
}

function shown(described: Record<string, unknown>): State {
  return Object.fromEntries(
    Object.entries(described).map(([name, value]) => [name, name === 'mode' ? String(value).slice(-9) : String(value)]),
  );
}
