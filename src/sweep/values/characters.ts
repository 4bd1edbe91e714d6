import { readAsset } from '../../core/base/runtime/assets.js';

/**
 * Written by build/data/train-characters.ts: `8 * -log2 P(next | this)` of text for each pair of symbols, u8,
 * row by row.
 */
export const CHARACTER_TABLE = 'src/sweep/values/characters.bin';

/** The characters of values, in the order of their symbols, and the symbol of every other byte. */
const VALUE_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-';
export const OTHER = VALUE_CHARACTERS.length;
export const SYMBOL_COUNT = OTHER + 1;

/** Steps of the table per bit. */
export const STEPS = 8;

/** Symbol of each byte. */
export const SYMBOLS = new Uint8Array(256).fill(OTHER);
for (const [symbol, character] of [...VALUE_CHARACTERS].entries()) SYMBOLS[character.charCodeAt(0)] = symbol;

let table: Uint8Array | undefined;

/** The table, read once. */
export function characterTable(): Uint8Array {
  table ??= Uint8Array.from(readAsset(CHARACTER_TABLE));
  return table;
}
