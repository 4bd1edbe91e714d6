import { isWideForm, literalIndex } from '../base/bytes/literal-id.js';
import type { Literal } from '../rules/types.js';
import { domains } from './bigrams.js';
import { assignBuckets, endsInZero, KEY, type Place } from './bucket-assignment.js';
import { caseMask, foldings, type Pattern, packPatterns, patternsOf, shared } from './patterns.js';
import type { Net } from './types.js';

/**
 * Above this many literals greedy placement is not improved:
 * that takes seconds and saves a tenth of the work.
 */
const MANY = 1000;
/** Bits of the bitmap of exact keys, one for each value of the kernel's 16-bit hash. */
const KEY_BITS = 65_536;
const ENTRY = 20;

/**
 * The kernel's hash of a 3-byte key: Fibonacci hashing, the
 * upper half of the product with 2^32 / golden ratio.
 */
const hash = (key: number) => Math.imul(key, 0x9e37_79b1) >>> 16;

/** All 3-byte values of a literal's key, in every case that the literal allows. */
function keysOf({ bytes, caseless }: Literal, { offset }: Place): number[] {
  let keys = [0];
  for (let i = 0; i < KEY; i++) {
    const forms = foldings(bytes[offset + i]!, caseless);
    keys = keys.flatMap((key) => forms.map((form) => key | (form << (8 * i))));
  }
  return keys;
}

/**
 * Nibble masks, tables[3][low, high][16]: the buckets
 * (bits) with a key that has this nibble at this position.
 */
function nibbleTables(literals: readonly Literal[], places: readonly Place[]): Uint8Array {
  const tables = new Uint8Array(2 * KEY * 16);
  for (const [i, { bytes, caseless }] of literals.entries()) {
    const { bucket, offset } = places[i]!;
    for (let k = 0; k < KEY; k++) {
      for (const byte of foldings(bytes[offset + k]!, caseless)) {
        tables[32 * k + (byte & 15)]! |= 1 << bucket;
        tables[32 * k + 16 + (byte >> 4)]! |= 1 << bucket;
      }
    }
  }
  return tables;
}

/** For each 16 bytes of the pattern: the bytes, then masks of the bits that must be equal. */
function bodyOf({ bytes, caseless }: Pattern): Uint8Array {
  const body = new Uint8Array(32 * Math.ceil(bytes.length / 16));
  for (const [i, byte] of bytes.entries()) {
    const at = 32 * (i >> 4) + (i & 15);
    body[at] = byte;
    body[at + 16] = caseMask(byte, caseless);
  }
  return body;
}

/** Hash chains from a key to its patterns; layout in kernel/confirm.as.ts. */
function confirmTables(literals: readonly Literal[], places: readonly Place[], patterns: readonly Pattern[]) {
  const bitmap = new Uint8Array(KEY_BITS / 8);
  const slots = Math.min(KEY_BITS, Math.max(256, 2 ** Math.ceil(Math.log2(4 * literals.length + 1))));
  const heads = new Uint32Array(2 * slots);
  const bodies = patterns.map(bodyOf);
  const rows: { key: number; next: number; pattern: Pattern; offset: number; body: number }[] = [];
  let body = 0;
  for (const [p, pattern] of patterns.entries()) {
    const index = literalIndex(pattern.id);
    const wide = isWideForm(pattern.id) ? 1 : 0;
    const place = places[index]!;
    for (const key of keysOf(literals[index]!, place)) {
      const h = hash(key);
      const slot = wide * slots + (h & (slots - 1));
      bitmap[h >> 3]! |= 1 << (h & 7);
      rows.push({ key, next: heads[slot]!, pattern, offset: place.offset << wide, body });
      heads[slot] = rows.length;
    }
    body += bodies[p]!.length;
  }
  const entries = new DataView(new SharedArrayBuffer(ENTRY * (rows.length + 1)));
  for (const [i, { key, next, pattern, offset, body }] of rows.entries()) {
    const at = ENTRY * (i + 1);
    entries.setUint32(at, key, true);
    entries.setUint32(at + 4, next, true);
    entries.setUint32(at + 8, pattern.id, true);
    entries.setUint16(at + 12, pattern.bytes.length, true);
    entries.setUint16(at + 14, offset, true);
    entries.setUint32(at + 16, body, true);
  }
  return { bitmap, heads, entries, bodies: Buffer.concat(bodies) };
}

/**
 * Compiles literals for the kernels. A literal has 3 to 16,384 bytes, one with a wide form is printable
 * ASCII; otherwise a {@link DumpsieveError} `bad-literal` is thrown. Pattern ids: base/bytes/literal-id.ts.
 * @param starts restarts of the choice of keys: more for a net that is compiled once and shipped
 */
export function compileLiterals(literals: readonly Literal[], starts = 1): Net {
  const patterns = literals.flatMap(patternsOf);
  const { places } = assignBuckets(literals, {
    domains: domains(),
    windows: 8,
    passes: literals.length > MANY ? 0 : 6,
    starts,
  });
  const { bitmap, heads, entries, bodies } = confirmTables(literals, places, patterns);
  const skipZeros = !literals.some((literal, i) => endsInZero(literal, places[i]!));
  return {
    kind: 'literals',
    // At least 1 without literals (rules of bare numbers alone): chunks overlap by `longest - 1`.
    longest: patterns.reduce((longest, { bytes }) => Math.max(longest, bytes.length), 1),
    patterns: patterns.length,
    images: {
      patterns: packPatterns(patterns),
      options: shared(Uint32Array.of(skipZeros ? 1 : 0)),
      tables: shared(nibbleTables(literals, places)),
      bitmap: shared(bitmap),
      heads: shared(heads),
      entries: shared(entries),
      bodies: shared(bodies),
    },
  };
}
