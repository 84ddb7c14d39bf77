/** What files a search should find, by find, grep, the checksum tools and OpenSSL: by nothing of ours. */
import { execFileSync } from 'node:child_process';
import type { FilterName } from '../file-parameters.ts';

/** A filter as the module takes it, and the command that lists the files it passes. */
export interface KnownFilter {
  readonly kind: FilterName;
  readonly value: string;
  /** Words for find, behind the root. */
  readonly find?: readonly string[];
  /** Extended regular expression for grep, without the `!`. */
  readonly grep?: string;
}

export const knownFilters: readonly KnownFilter[] = [
  { kind: 'name', value: '^a', find: ['-name', 'a*'] },
  { kind: 'name', value: '\\.txt$', find: ['-name', '*.txt'] },
  { kind: 'name', value: '(?i)B', find: ['-iname', '*b*'] },
  { kind: 'size', value: '<20', find: ['-size', '-21c'] },
  { kind: 'size', value: '>1k', find: ['-size', '+1023c'] },
  { kind: 'size', value: '12', find: ['-size', '12c'] },
  { kind: 'mode', value: '^-rw-r--r--$', find: ['-type', 'f', '-perm', '644'] },
  { kind: 'mode', value: '^u', find: ['-type', 'f', '-perm', '-4000'] },
  { kind: 'mode', value: '^d', find: ['-type', 'd'] },
  { kind: 'mode', value: 'x$', find: ['-perm', '-001', '!', '-perm', '-1000'] },
  { kind: 'mtime', value: '<2d', find: ['-newermt', '2 days ago'] },
  { kind: 'mtime', value: '>50h', find: ['!', '-newermt', '50 hours ago'] },
  { kind: 'content', value: 'needle', grep: 'needle' },
  { kind: 'content', value: '!needle', grep: 'needle' },
  { kind: 'content', value: '^[a-z]+$', grep: '^[a-z]+$' },
  { kind: 'content', value: '!^[a-z]+$', grep: '^[a-z]+$' },
  { kind: 'content', value: '^$', grep: '^$' },
  { kind: 'content', value: '(?i)HAY|stack[0-9]{2,}', grep: '[hH][aA][yY]|[sS][tT][aA][cC][kK][0-9]{2,}' },
  { kind: 'content', value: '.', grep: '.' },
];

/** The commands that make hashes, by the filter and the length of the hash. */
const hashCommands: Readonly<Record<string, readonly string[]>> = {
  md5: ['md5sum'],
  sha1: ['sha1sum'],
  sha2_64: ['sha256sum'],
  sha2_96: ['sha384sum'],
  sha2_128: ['sha512sum'],
  sha3_56: ['openssl', 'dgst', '-r', '-sha3-224'],
  sha3_64: ['openssl', 'dgst', '-r', '-sha3-256'],
  sha3_96: ['openssl', 'dgst', '-r', '-sha3-384'],
  sha3_128: ['openssl', 'dgst', '-r', '-sha3-512'],
};

/** One tree, and what the tools say of it; each question is asked once. */
export class Oracle {
  readonly #root: string;
  readonly #answers = new Map<string, ReadonlySet<string>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Regular files; or all there is, the root included. */
  universe(seesAll: boolean): ReadonlySet<string> {
    return this.#ask(['find', this.#root, ...(seesAll ? [] : ['-type', 'f'])]);
  }

  /** What passes `filter`, before `mismatch`. With `macroal`, content is asked of every line. */
  passes(filter: KnownFilter, macroal: boolean): ReadonlySet<string> {
    if (filter.find !== undefined) return this.#ask(['find', this.#root, ...filter.find]);
    if (filter.grep !== undefined) {
      const isNegated = filter.value.startsWith('!');
      // -L lists files without a line that is looked for; of every line to match: without one that does not.
      const how = isNegated ? ['-L'] : macroal ? ['-L', '-v'] : ['-l'];
      return this.#ask(['grep', '-r', '-a', '-E', ...how, '-e', filter.grep, this.#root]);
    }
    const command =
      hashCommands[
        filter.kind === 'md5' || filter.kind === 'sha1' ? filter.kind : `${filter.kind}_${filter.value.length}`
      ]!;
    const files = [...this.universe(false)];
    const lines = run([...command, ...files]).split('\n');
    return new Set(lines.flatMap((line) => (line.startsWith(filter.value) ? [line.replace(/^\S+ [ *]/, '')] : [])));
  }

  /** The hash of one file, for a filter that should find it. */
  hashOf(kind: 'md5' | 'sha1' | 'sha2' | 'sha3', length: number, file: string): string {
    const command = hashCommands[kind === 'md5' || kind === 'sha1' ? kind : `${kind}_${length}`]!;
    return run([...command, file]).split(' ')[0]!;
  }

  #ask(words: readonly string[]): ReadonlySet<string> {
    const key = words.join('\0');
    const known =
      this.#answers.get(key) ??
      new Set(
        run(words)
          .split('\n')
          .filter((line) => line !== ''),
      );
    this.#answers.set(key, known);
    return known;
  }
}

/** Runs a tool; grep's exit status 1 says that it found nothing, and with -L depends on the version. */
function run([command, ...words]: readonly string[]): string {
  try {
    return execFileSync(command!, words, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    });
  } catch (error) {
    const { status, stdout } = error as { status?: number; stdout?: string };
    if (command === 'grep' && status === 1) return stdout ?? '';
    throw error;
  }
}
