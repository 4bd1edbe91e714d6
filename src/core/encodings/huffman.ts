export const MAX_BITS = 15;
/** Bits of the codes that are looked up; longer ones are rare. */
const LOOKED_UP = 10;

/**
 * A canonical Huffman code (RFC 1951, 3.2.2): the number of codes of each length and the symbols in their
 * order; for each value of the next bits the symbol times 16 and the length of its code, or 0.
 */
export interface Code {
  counts: Uint16Array;
  symbols: Uint16Array;
  table: Uint16Array;
}

/** Undefined for lengths that no encoder writes: too many codes, or too few of more than one. */
export function codeOf(lengths: Uint8Array): Code | undefined {
  const counts = new Uint16Array(MAX_BITS + 1);
  for (let symbol = 0; symbol < lengths.length; symbol++) counts[lengths[symbol]!]!++;
  let left = 1;
  for (let length = 1; length <= MAX_BITS; length++) {
    left = 2 * left - counts[length]!;
    if (left < 0) return undefined;
  }
  const used = lengths.length - counts[0]!;
  if (left > 0 && used > 1) return undefined;
  counts[0] = 0;
  const offsets = new Uint16Array(MAX_BITS + 2);
  for (let length = 1; length <= MAX_BITS; length++) offsets[length + 1] = offsets[length]! + counts[length]!;
  const symbols = new Uint16Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length > 0) symbols[offsets[length]!++] = symbol;
  }
  return { counts, symbols, table: tableOf(counts, symbols) };
}

function tableOf(counts: Uint16Array, symbols: Uint16Array): Uint16Array {
  const table = new Uint16Array(1 << LOOKED_UP);
  let index = 0;
  // The next code, its first bit lowest, as it is read.
  let code = 0;
  for (let length = 1; length <= LOOKED_UP; length++)
    for (let count = counts[length]!; count > 0; count--) {
      const entry = (symbols[index++]! << 4) | length;
      for (let at = code; at < table.length; at += 1 << length) table[at] = entry;
      let bit = 1 << (length - 1);
      while ((code & bit) !== 0) {
        code ^= bit;
        bit >>= 1;
      }
      code |= bit;
    }
  return table;
}

/**
 * The code that some bits begin with: its symbol times 16, and its length. 0 if none has so few bits, -1 if
 * none has any.
 */
export function entryIn({ table, counts, symbols }: Code, held: number, bits: number): number {
  const entry = table[held & ((1 << LOOKED_UP) - 1)]!;
  if (entry !== 0) return (entry & 15) <= bits ? entry : 0;
  let [code, first, index] = [0, 0, 0];
  for (let length = 1; length <= MAX_BITS; length++) {
    if (length > bits) return 0;
    code |= (held >>> (length - 1)) & 1;
    const count = counts[length]!;
    if (code - count < first) return (symbols[index + code - first]! << 4) | length;
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  return -1;
}
