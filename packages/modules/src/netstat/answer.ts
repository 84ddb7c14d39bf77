/** Gathers what was found: a list for every value that was asked for, each thing once, in order. */
import { ResultRoom } from '../result-room.ts';
import type { Elements, Found, Parameters } from './netstat.ts';

export type Kind = keyof Elements;

/** A thing that was found; what cannot be told is undefined. */
export type Find = { readonly [K in keyof Found]: Found[K] | undefined };

export class Answer {
  examined = 0;
  readonly #room = new ResultRoom();
  readonly #lists = new Map<Kind, Map<string, Map<string, Found>>>();

  constructor({ namespaces: _, ...asked }: Parameters) {
    for (const [kind, values] of Object.entries(asked) as [Kind, readonly (string | number)[]][]) {
      if (values.length > 0) this.#lists.set(kind, new Map(values.map((value) => [String(value), new Map()])));
    }
  }

  add(kind: Kind, value: string, find: Find): void {
    const given = Object.fromEntries(Object.entries(find).filter(([, one]) => one !== undefined)) as Found;
    const found = this.#lists.get(kind)?.get(value);
    const key = JSON.stringify(given);
    if (found === undefined || found.has(key)) return;
    this.#room.take(given);
    found.set(key, given);
  }

  close(): { elements: Elements; totalhits: number; examined: number } {
    let totalhits = 0;
    const elements: Record<string, Record<string, Found[]>> = {};
    for (const [kind, byValue] of this.#lists) {
      elements[kind] = {};
      for (const [value, found] of byValue) {
        elements[kind][value] = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
        totalhits += found.size;
      }
    }
    return { elements: elements as Elements, totalhits, examined: this.examined };
  }
}
