import { isWideForm, literalIndex } from '../core/base/bytes/literal-id.js';
import { definedFields } from '../core/base/runtime/defined.js';
import type { Literal } from '../rules/types.js';
import { assignBuckets, type BucketPlace, completePlaces, endsInZero, KEY } from './bucket-assignment.js';
import { CandidateRates } from './candidate-rates.js';
import { caseMask, foldings, type Pattern, packPatterns, patternsOf, shared } from './patterns.js';
import type { Net } from './types.js';
import { SHORTEST_RUN } from './values/random.js';

/**
 * Above this many literals greedy placement is not improved:
 * that takes seconds and saves a tenth of the work.
 */
const MANY = 1000;
/** {@link MANY} for a net that is compiled at the start of a scan. */
const FEW = 100;
/** Windows of a literal that are tried as its key. */
const WINDOWS = 8;
/** Bits of the bitmap of exact keys, one for each value of the kernel's 16-bit hash. */
const KEY_BITS = 65_536;
const ENTRY = 20;

/**
 * The kernel's hash of a 3-byte key: Fibonacci hashing, the
 * upper half of the product with 2^32 / golden ratio.
 */
const hash = (key: number) => Math.imul(key, 0x9e37_79b1) >>> 16;

/** All 3-byte values of a literal's key, in every case that the literal allows. */
function keysOf({ bytes, caseless }: Literal, offset: number): number[] {
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
function nibbleTables(literals: readonly Literal[], places: readonly BucketPlace[]): Uint8Array {
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

/** A bitmap of keys, and the first entries of their chains: plain forms, then wide ones. */
class Chains {
  readonly bitmap = new Uint8Array(KEY_BITS / 8);
  readonly heads: Uint32Array;
  readonly #slots: number;

  constructor(literals: number) {
    this.#slots = Math.min(KEY_BITS, Math.max(256, 2 ** Math.ceil(Math.log2(4 * literals + 1))));
    this.heads = new Uint32Array(2 * this.#slots);
  }

  /** Puts an entry at the head of its chain; returns the former head. */
  add(key: number, wide: boolean, entry: number): number {
    const h = hash(key);
    const slot = (wide ? this.#slots : 0) + (h & (this.#slots - 1));
    const next = this.heads[slot]!;
    this.bitmap[h >> 3]! |= 1 << (h & 7);
    this.heads[slot] = entry;
    return next;
  }
}

/**
 * Hash chains from a key to its patterns; layout in kernel/confirm.as.ts. A prefix has no place: its key is
 * its start.
 */
function confirmTables(
  literals: readonly Literal[],
  places: ReadonlyMap<number, BucketPlace>,
  patterns: readonly Pattern[],
) {
  const chains = new Chains(places.size);
  const prefixes = new Chains(literals.length - places.size);
  const bodies = patterns.map(bodyOf);
  const rows: { key: number; next: number; pattern: Pattern; offset: number; body: number }[] = [];
  let body = 0;
  for (const [p, pattern] of patterns.entries()) {
    const index = literalIndex(pattern.id);
    const wide = isWideForm(pattern.id);
    const place = places.get(index);
    const offset = place?.offset ?? 0;
    for (const key of keysOf(literals[index]!, offset)) {
      const next = (place ? chains : prefixes).add(key, wide, rows.length + 1);
      rows.push({ key, next, pattern, offset: offset << (wide ? 1 : 0), body });
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
  return { chains, prefixes, entries, bodies: Buffer.concat(bodies) };
}

/**
 * Passes that improve the greedy placement. A net of many literals that is compiled for one scan has none:
 * each takes 40 ms.
 */
const passesFor = (literals: number, starts: number): number =>
  literals > (starts > 1 ? MANY : FEW) ? 0 : 6;

/**
 * True for the first three bytes of a literal that the value net finds, and for few others; undefined if
 * there is none.
 */
export function prefixFronts({ images }: Net): ((a: number, b: number, c: number) => boolean) | undefined {
  if (images.prefixBits === undefined) return undefined;
  const bits = new Uint8Array(images.prefixBits);
  return (a, b, c) => {
    const h = hash(a | (b << 8) | (c << 16));
    return ((bits[h >> 3]! >> (h & 7)) & 1) === 1;
  };
}

/** A run of the value net that is cut by the end of the bytes has this many of them at least. */
const VALUE_MARGIN = 2 * SHORTEST_RUN + 1;

export interface LiteralOptions {
  /** Restarts of the choice of keys: more for a net that is compiled once and shipped. */
  starts?: number;
  /** For each literal: it begins a value, and the value net finds it. */
  prefixes?: readonly boolean[];
  /** What values are joined with (values/tables.ts); without it no values are searched for. */
  names?: Uint8Array;
  /** Of literals placed before, in another net ({@link placesOf}): choosing takes 0.2 s and more. */
  places?: readonly (BucketPlace | undefined)[];
}

/** A u16 each: bucket plus 1, 0 for what the value net finds; offset of the key. */
function packPlaces(count: number, places: ReadonlyMap<number, BucketPlace>): Uint16Array {
  const packed = new Uint16Array(2 * count);
  for (const [index, { bucket, offset }] of places) packed.set([bucket + 1, offset], 2 * index);
  return packed;
}

/** The places of a net's literals; undefined for what the value net finds. */
export function placesOf({ images }: Net): (BucketPlace | undefined)[] {
  const packed = new Uint16Array(images.places!);
  return Array.from({ length: packed.length / 2 }, (_, i) =>
    packed[2 * i]! > 0 ? { bucket: packed[2 * i]! - 1, offset: packed[2 * i + 1]! } : undefined,
  );
}

function choosePlaces(
  literals: readonly Literal[],
  { starts = 1, known }: { starts?: number; known?: readonly (BucketPlace | undefined)[] | undefined },
): BucketPlace[] {
  const effort = () => ({ rates: new CandidateRates(), windows: WINDOWS });
  if (known) return completePlaces(literals, known, effort);
  return assignBuckets(literals, { ...effort(), passes: passesFor(literals.length, starts), starts }).places;
}

/**
 * Compiles literals for the kernels. A literal has 3 to 16,384 bytes, one with a wide form is printable
 * ASCII; otherwise a {@link DumpsieveError} `bad-literal` is thrown. Pattern ids: base/bytes/literal-id.ts.
 */
export function compileLiterals(
  literals: readonly Literal[],
  { starts, prefixes, names, places: known }: LiteralOptions = {},
): Net {
  const patterns = literals.flatMap(patternsOf);
  const indices = [...literals.keys()].filter((index) => !prefixes?.[index]);
  const searched = indices.map((index) => literals[index]!);
  const chosen = choosePlaces(searched, {
    ...definedFields({ starts }),
    known: known && indices.map((index) => known[index]),
  });
  const places = new Map(indices.map((index, i) => [index, chosen[i]!]));
  const { chains, prefixes: byPrefix, entries, bodies } = confirmTables(literals, places, patterns);
  const skipZeros = !indices.some((index) => endsInZero(literals[index]!, places.get(index)!));
  const hasPrefixes = searched.length < literals.length;
  const hasValues = hasPrefixes || names !== undefined;
  const least = hasValues ? VALUE_MARGIN : 1;
  return {
    kind: 'literals',
    // At least 1 without literals (rules of bare numbers alone): chunks overlap by `longest - 1`.
    longest: patterns.reduce((longest, { bytes }) => Math.max(longest, bytes.length), least),
    patterns: patterns.length,
    images: {
      patterns: packPatterns(patterns),
      places: shared(packPlaces(literals.length, places)),
      options: shared(Uint32Array.of(skipZeros ? 1 : 0)),
      tables: shared(nibbleTables(searched, chosen)),
      bitmap: shared(chains.bitmap),
      heads: shared(chains.heads),
      entries: shared(entries),
      bodies: shared(bodies),
      ...(hasPrefixes ? { prefixBits: shared(byPrefix.bitmap), prefixHeads: shared(byPrefix.heads) } : {}),
    },
    ...(hasValues
      ? {
          values: {
            ...(hasPrefixes ? { prefixed: shared(Uint8Array.from(prefixes ?? [], Number)) } : {}),
            ...(names ? { names: shared(names) } : {}),
          },
        }
      : {}),
  };
}
