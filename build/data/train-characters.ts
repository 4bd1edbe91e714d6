import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asset } from '../../src/core/base/runtime/assets.js';
import { CHARACTER_TABLE, OTHER, STEPS, SYMBOL_COUNT, SYMBOLS } from '../../src/sweep/values/characters.js';

/**
 * `node dist/build/data/train-characters.js FILE|FOLDER...` writes the table of the value net: pairs of
 * characters in the distinct runs of installed text (docs/performance.md names it). Its result is committed.
 */

/** Characters of a run that is counted. */
const RUN = { least: 6, most: 48 };
/** Digits of a hexadecimal run that is no word. */
const HEX = 12;
const MOST_BYTES = 16 * 1024 * 1024;
/** Shares of the pair, of the character alone, and of any character. */
const MIX = { pair: 0.92, single: 0.06, any: 0.0003 };
/** Slots of the set of runs seen: a collision drops a run. */
const SEEN_BITS = 26;

const pairs = new Float64Array(SYMBOL_COUNT * SYMBOL_COUNT);
const singles = new Float64Array(SYMBOL_COUNT);
const seen = new Uint8Array(2 ** (SEEN_BITS - 3));
const total = { bytes: 0, runs: 0 };

const isLetter = (byte: number): boolean => (byte | 32) >= 0x61 && (byte | 32) <= 0x7a;
const isHex = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || ((byte | 32) >= 0x61 && (byte | 32) <= 0x66);

function isNew(run: Uint8Array): boolean {
  let hash = 0x811c9dc5;
  for (const byte of run) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> (32 - SEEN_BITS);
  const known = (seen[hash >> 3]! >> (hash & 7)) & 1;
  seen[hash >> 3]! |= 1 << (hash & 7);
  return known === 0;
}

function count(run: Uint8Array): void {
  if (run.length < RUN.least || run.length > RUN.most) return;
  if (2 * run.filter(isLetter).length < run.length || (run.length >= HEX && run.every(isHex))) return;
  if (!isNew(run)) return;
  total.runs++;
  let before = OTHER;
  for (const byte of run) {
    const symbol = SYMBOLS[byte]!;
    pairs[before * SYMBOL_COUNT + symbol]!++;
    singles[symbol]!++;
    before = symbol;
  }
  pairs[before * SYMBOL_COUNT + OTHER]!++;
}

function train(bytes: Uint8Array): void {
  total.bytes += bytes.length;
  let from = -1;
  for (let at = 0; at <= bytes.length; at++) {
    const inside = at < bytes.length && SYMBOLS[bytes[at]!] !== OTHER;
    if (inside && from < 0) from = at;
    if (inside || from < 0) continue;
    count(bytes.subarray(from, at));
    from = -1;
  }
}

function visit(path: string): void {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info?.isDirectory())
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)))
      if (!entry.isSymbolicLink()) visit(join(path, entry.name));
  if (!info?.isFile() || info.size > MOST_BYTES) return;
  const bytes = readFileSync(path);
  // Binary files begin with a NUL somewhere.
  if (!bytes.subarray(0, 4096).includes(0)) train(bytes);
}

for (const path of process.argv.slice(2)) visit(path);
const all = singles.reduce((sum, each) => sum + each, 0);
const table = new Uint8Array(pairs.length);
for (let a = 0; a < SYMBOL_COUNT; a++) {
  let row = 0;
  for (let b = 0; b < OTHER; b++) row += pairs[a * SYMBOL_COUNT + b]!;
  for (let b = 0; b < SYMBOL_COUNT; b++) {
    const single = (singles[b]! + 1) / (all + SYMBOL_COUNT);
    const pair = row > 0 ? pairs[a * SYMBOL_COUNT + b]! / row : single;
    const bits = -Math.log2(MIX.pair * pair + MIX.single * single + MIX.any);
    table[a * SYMBOL_COUNT + b] = Math.min(127, Math.max(0, Math.round(STEPS * bits)));
  }
}
writeFileSync(asset(CHARACTER_TABLE), table);
process.stdout.write(`${Math.round(total.bytes / 1e6)} MB, ${total.runs} distinct runs\n`);
