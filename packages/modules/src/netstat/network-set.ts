/** Finds which of many networks hold an address: one look-up for each length of prefix, however many they are. */
import { type AddressBytes, parseNetwork, unmapped } from './address.ts';

interface SamePrefix {
  readonly byteCount: number;
  readonly prefix: number;
  /** What was asked for, by the first bits of the address. */
  readonly values: Map<string, string[]>;
}

export class NetworkSet {
  readonly hasV4: boolean;
  readonly hasV6: boolean;
  readonly #groups: readonly SamePrefix[];

  /** `values` are addresses and networks that were validated; what is neither is left out. */
  constructor(values: readonly string[]) {
    const groups = new Map<string, SamePrefix>();
    for (const value of new Set(values)) {
      const network = parseNetwork(value);
      if (network === undefined) continue;
      const { bytes, prefix } = network;
      const name = `${bytes.length}/${prefix}`;
      const group = groups.get(name) ?? { byteCount: bytes.length, prefix, values: new Map<string, string[]>() };
      groups.set(name, group);
      const key = firstBits(bytes, prefix);
      const same = group.values.get(key);
      if (same === undefined) group.values.set(key, [value]);
      else same.push(value);
    }
    this.#groups = [...groups.values()];
    this.hasV4 = this.#groups.some(({ byteCount }) => byteCount === 4);
    this.hasV6 = this.#groups.some(({ byteCount }) => byteCount === 16);
  }

  /** The values that hold `address`, as `holds` says, as they were written. */
  matching(address: AddressBytes): readonly string[] {
    const short = unmapped(address);
    const found: string[] = [];
    for (const { byteCount, prefix, values } of this.#groups) {
      const bytes = byteCount === 4 ? short : address;
      if (bytes.length !== byteCount) continue;
      // There may be more of them than a call takes arguments.
      for (const value of values.get(firstBits(bytes, prefix)) ?? []) found.push(value);
    }
    return found;
  }
}

function firstBits(bytes: AddressBytes, prefix: number): string {
  const whole = prefix >> 3;
  const bits = prefix & 7;
  const rest = bits === 0 ? '' : `,${bytes[whole]! & (0xff00 >> bits) & 0xff}`;
  return bytes.slice(0, whole).join() + rest;
}
