import { BRANCH_FILTERS, type Transform } from './branches.js';

/** Reverses a filter. Bytes are given in any pieces; those that it cannot decode yet are kept. */
export interface Filter {
  /** The bytes that are decoded now; `last`: no more follow. */
  push(bytes: Uint8Array, last: boolean): Uint8Array;
}

/** A filter that looks ahead. */
class Lookahead implements Filter {
  readonly #transform: Transform;
  #position: number;
  #kept = new Uint8Array(0);

  constructor(transform: Transform, start: number) {
    this.#transform = transform;
    this.#position = start;
  }

  push(bytes: Uint8Array, last: boolean): Uint8Array {
    const whole = new Uint8Array(this.#kept.length + bytes.length);
    whole.set(this.#kept);
    whole.set(bytes, this.#kept.length);
    const final = this.#transform(whole, this.#position);
    this.#position = (this.#position + final) >>> 0;
    if (last) return whole;
    this.#kept = whole.slice(final);
    return whole.subarray(0, final);
  }
}

/** Each byte is stored as its difference from the one `distance` bytes before (.xz format, 5.3.3). */
class Delta implements Filter {
  readonly #history: Uint8Array;
  #at = 0;

  constructor(distance: number) {
    this.#history = new Uint8Array(distance);
  }

  push(bytes: Uint8Array): Uint8Array {
    const history = this.#history;
    let at = this.#at;
    for (let i = 0; i < bytes.length; i++) {
      const byte = (bytes[i]! + history[at]!) & 0xff;
      bytes[i] = byte;
      history[at] = byte;
      if (++at === history.length) at = 0;
    }
    this.#at = at;
    return bytes;
  }
}

/** Filter ID of delta (.xz format, 5.3.3). */
const DELTA = 3;

/** A filter by its ID and properties; undefined if there is none, or they are invalid. */
export function filterOf(id: number, properties: Uint8Array): (() => Filter) | undefined {
  if (id === DELTA) return properties.length === 1 ? () => new Delta((properties[0] ?? 0) + 1) : undefined;
  const branch = BRANCH_FILTERS.get(id);
  if (branch === undefined || (properties.length !== 0 && properties.length !== 4)) return undefined;
  const start = properties.length === 4 ? Buffer.from(properties).readUInt32LE(0) : 0;
  if (start % branch.alignment !== 0) return undefined;
  return () => new Lookahead(branch.transform(), start);
}

/** The content after all filters, which are in the order of decoding. */
export function filtered(filters: readonly Filter[], bytes: Uint8Array, last: boolean): Uint8Array {
  return filters.reduce((content, filter) => filter.push(content, last), bytes);
}
