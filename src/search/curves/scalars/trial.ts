import { WordTable, type WordTableColumns } from '../../core/word-table.js';
import type { BlockMultiples, NumberBlock } from './block-multiples.js';

/** The public halves that numbers are tried against: plain data for any thread. */
export interface Identities {
  /** Distinguishes them from those of other artifacts. */
  id: number;
  /** Lowest words of the x coordinates, by the name of the curve. */
  points: ReadonlyMap<string, WordTableColumns>;
  /** First words of what may be public keys of Curve25519. */
  keys?: WordTableColumns;
}

/**
 * Tries numbers against known public halves. A public value is computed once, looked up among all identities,
 * and not kept.
 */
export class ScalarTrial {
  readonly #multiples: () => BlockMultiples;
  readonly #points: ReadonlyMap<string, WordTable>;
  readonly #keys: WordTable | undefined;

  /** `multiples`: this thread's, which may be others after a pause. */
  constructor(multiples: () => BlockMultiples, { points, keys }: Identities) {
    this.#multiples = multiples;
    this.#points = new Map([...points].map(([name, columns]) => [name, new WordTable(columns)]));
    this.#keys = keys && new WordTable(keys);
  }

  /**
   * Indices of the numbers whose public value begins as that of an identity. `beside`: first words of numbers
   * that may be public keys of Curve25519 besides.
   */
  matches(block: NumberBlock, beside?: WordTable): Uint32Array {
    const isOnCurve = 'reading' in block.attempt;
    const table = isOnCurve ? this.#points.get(block.attempt.curve) : this.#keys;
    if (table === undefined) return new Uint32Array(0);
    const found: number[] = [];
    this.#multiples().each(block, (value, index) => {
      if (!startsIn(table, value) && !(!isOnCurve && beside && startsIn(beside, value))) return;
      if (found.at(-1) !== index) found.push(index);
    });
    return Uint32Array.from(found);
  }
}

/** The first eight bytes are a word of the table. */
function startsIn(table: WordTable, bytes: Uint8Array): boolean {
  const at = (i: number): number =>
    (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)) >>> 0;
  return table.has(at(0), at(4));
}
