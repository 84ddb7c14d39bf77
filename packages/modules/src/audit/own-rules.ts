/**
 * The rules that the module has added itself, on disk until it has taken them away: an instance that is killed leaves them
 * in the kernel, and the next one knows them for its own. The kernel's list is empty after a boot, and so is this one.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { StateLog } from '../state-log.ts';

const Line = z.union([
  z.strictObject({ boot: z.string() }),
  z.strictObject({ added: z.string() }),
  z.strictObject({ deleted: z.string() }),
]);
type Line = z.output<typeof Line>;

export class OwnRules {
  readonly #rules = new Set<string>();
  #boot: string;
  #log: StateLog | undefined;

  private constructor(boot: string) {
    this.#boot = boot;
  }

  /** Opens the list in a state directory. Throws what the file system throws. */
  static async open(directory: string, log: (message: string) => void): Promise<OwnRules> {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const own = new OwnRules('');
    const path = join(directory, 'rules.jsonl');
    const options = { path, log, needed: () => own.#rules.size + 1, lines: () => own.#lines() };
    own.#log = await StateLog.open(options, (text) => own.#take(text));
    if (own.#boot !== boot) {
      own.#boot = boot;
      own.#rules.clear();
      own.#log.writeAnew();
    }
    return own;
  }

  get all(): readonly string[] {
    return [...this.#rules];
  }

  add(rule: string): void {
    if (this.#rules.has(rule)) return;
    this.#rules.add(rule);
    this.#log?.append(encode({ added: rule }), true);
  }

  delete(rule: string): void {
    if (this.#rules.delete(rule)) this.#log?.append(encode({ deleted: rule }));
  }

  async close(): Promise<void> {
    await this.#log?.close();
  }

  #take(text: string): void {
    const line = parse(text);
    if (line === undefined) return;
    if ('boot' in line) this.#boot = line.boot;
    else if ('added' in line) this.#rules.add(line.added);
    else this.#rules.delete(line.deleted);
  }

  #lines(): string[] {
    return [encode({ boot: this.#boot }), ...this.all.map((added) => encode({ added }))];
  }
}

function encode(line: Line): string {
  return JSON.stringify(line);
}

function parse(text: string): Line | undefined {
  try {
    return Line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
