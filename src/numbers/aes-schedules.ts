import type { Kernel } from './kernel.js';
import type { RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';

/** An AES key, told by the round keys that are made from it. */
export interface ScheduleFound {
  key: Buffer;
  offset: number;
  length: number;
}

/** Words of a key and of all its round keys: 4 (rounds + 1) (FIPS 197, section 5). */
const SIZES = [
  { key: 4, all: 44 },
  { key: 6, all: 52 },
  { key: 8, all: 60 },
] as const;
type Size = (typeof SIZES)[number];

/**
 * Expanded AES keys for encryption. Most round words are the sum of two before them, whatever the order of bytes in a word
 * (AES instructions keep them as they are, tables in native words); then all of them have to follow from the first ones.
 */
export function* aesSchedules(kernel: Kernel, bytes: RunBytes, runs: RunList): Generator<ScheduleFound> {
  const seen = new Set<string>();
  for (const run of runs) {
    if (run.words * 8 < SIZES[0].all * 4 - 16) continue;
    for (const { at, words, before, after, offset } of bytes.pieces(run)) {
      const from = at - Math.min(8, before);
      const to = at + Math.min(words * 8 + 8, after);
      for (let p = from; p + SIZES[0].all * 4 <= to; p += 4) {
        for (const size of SIZES) {
          if (p + size.all * 4 > to || !isLinear(kernel.bytes, p, size.key)) continue;
          const stored = Buffer.from(kernel.bytes.subarray(p, p + size.all * 4));
          const key = keyOf(stored, size);
          if (key === undefined || seen.has(key.toString('latin1'))) continue;
          seen.add(key.toString('latin1'));
          yield { key, offset: offset + p - at, length: stored.length };
        }
      }
    }
  }
}

/** Three words of the second round of a key of `n` words: w[i] = w[i - n] + w[i - 1]. */
function isLinear(bytes: Buffer, at: number, n: number): boolean {
  for (let i = n + 1; i < n + 4; i++) {
    const sum = bytes.readUInt32LE(at + (i - n) * 4) ^ bytes.readUInt32LE(at + (i - 1) * 4);
    if (sum >>> 0 !== bytes.readUInt32LE(at + i * 4)) return false;
  }
  return true;
}

/** The key, if all round words follow from it, in one of the two orders. */
function keyOf(stored: Buffer, { key, all }: Size): Buffer | undefined {
  for (const words of [stored, Buffer.from(stored).swap32()]) {
    const start = words.subarray(0, key * 4);
    if (new Set(start).size > key && expandKey(start, all).equals(words)) return start;
  }
  return undefined;
}

let table: Uint8Array | undefined;

/** S-box (FIPS 197, 5.1.1): the inverse in GF(2^8), then an affine map. 3 generates the field. */
function sbox(): Uint8Array {
  if (table) return table;
  const box = new Uint8Array(256);
  const double = (x: number) => ((x << 1) ^ (x & 0x80 ? 0x11b : 0)) & 0xff;
  const rotate = (x: number, by: number) => ((x << by) | (x >> (8 - by))) & 0xff;
  let [p, q] = [1, 1];
  do {
    p ^= double(p);
    // q = q / 3, so that it stays the inverse of p.
    q ^= q << 1;
    q ^= q << 2;
    q ^= q << 4;
    q = (q ^ (q & 0x80 ? 0x09 : 0)) & 0xff;
    box[p] = q ^ rotate(q, 1) ^ rotate(q, 2) ^ rotate(q, 3) ^ rotate(q, 4) ^ 0x63;
  } while (p !== 1);
  box[0] = 0x63;
  table = box;
  return box;
}

/** KEYEXPANSION (FIPS 197, 5.2). */
export function expandKey(key: Buffer, all: number): Buffer {
  const box = sbox();
  const n = key.length / 4;
  const out = Buffer.alloc(all * 4);
  out.set(key);
  let round = 1;
  for (let i = n; i < all; i++) {
    const word = Buffer.from(out.subarray((i - 1) * 4, i * 4));
    if (i % n === 0) {
      word.set([box[word[1]!]! ^ round, box[word[2]!]!, box[word[3]!]!, box[word[0]!]!]);
      round = (round << 1) ^ (round & 0x80 ? 0x11b : 0);
    } else if (n === 8 && i % n === 4) for (let j = 0; j < 4; j++) word[j] = box[word[j]!]!;
    for (let j = 0; j < 4; j++) out[i * 4 + j] = out[(i - n) * 4 + j]! ^ word[j]!;
  }
  return out;
}
