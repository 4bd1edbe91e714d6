// Confirms candidates (3-byte keys found in the data) as exact hits.
//
// bitmap   64 Ki bits, indexed by the hash of a key: a Bloom filter of all literals' keys
// heads    u32 [2][slots], plain and wide, indexed by the hash's low bits: first entry of a chain, 0 = none
// entries  20 bytes: u32 key, u32 next entry, u32 pattern id, u16 length, u16 offset of the key in the
//          pattern, u32 body
//          The value net's prefixes have a bitmap and heads of their own.
// bodies   per 16 bytes of the pattern: 16 bytes, then their 16-byte mask (00 past the end of the pattern, df
//          for a letter in either case)

import { addHit, inChunk } from './hits.as';

const ENTRY: usize = 20;

let bitmap: usize = 0;
let heads: usize = 0;
let wideHeads: usize = 0;
let slotMask: u32 = 0;
let prefixBitmap: usize = 0;
let prefixHeads: usize = 0;
let widePrefixHeads: usize = 0;
let prefixSlotMask: u32 = 0;
let entries: usize = 0;
let bodies: usize = 0;

export function setRecords(bits: usize, headTable: usize, slots: u32, entryTable: usize, bodyTable: usize): void {
  bitmap = bits;
  heads = headTable;
  wideHeads = headTable + (<usize>slots << 2);
  slotMask = slots - 1;
  entries = entryTable;
  bodies = bodyTable;
}

export function setPrefixes(bits: usize, headTable: usize, slots: u32): void {
  prefixBitmap = bits;
  prefixHeads = headTable;
  widePrefixHeads = headTable + (<usize>slots << 2);
  prefixSlotMask = slots - 1;
}

// Multiplicative hash (2^32 / golden ratio), upper 16 bits.
// @ts-ignore: decorator
@inline
function hash(key: u32): u32 {
  return (key * 0x9e3779b1) >>> 16;
}

// @ts-ignore: decorator
@inline
function known(bits: usize, h: u32): bool {
  return ((<u32>load<u8>(bits + (h >>> 3)) >>> (h & 7)) & 1) != 0;
}

function same(start: usize, body: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i += 16, body += 32) {
    const difference = v128.xor(v128.load(start + i), v128.load(body));
    if (v128.any_true(v128.and(difference, v128.load(body, 16)))) return false;
  }
  return true;
}

function walk(at: usize, key: u32, head: usize): void {
  for (let index = load<u32>(head); index != 0; ) {
    const entry = entries + <usize>index * ENTRY;
    index = load<u32>(entry, 4);
    if (load<u32>(entry) != key) continue;
    const length = <usize>load<u16>(entry, 12);
    const start = at - load<u16>(entry, 14);
    if (inChunk(start, length) && same(start, bodies + load<u32>(entry, 16), length)) {
      addHit(start, load<u32>(entry, 8));
    }
  }
}

// @ts-ignore: decorator
@inline
function wideKey(at: usize): u32 {
  return <u32>load<u8>(at) | (<u32>load<u8>(at, 2) << 8) | (<u32>load<u8>(at, 4) << 16);
}

// Confirms the candidate whose three key bytes start at `at`.
// @ts-ignore: decorator
@inline
export function confirmPlain(at: usize): void {
  const key = load<u32>(at) & 0xffffff;
  const h = hash(key);
  if (known(bitmap, h)) walk(at, key, heads + (<usize>(h & slotMask) << 2));
}

// As confirmPlain, for a UTF-16 key: three characters, each followed by a NUL.
// @ts-ignore: decorator
@inline
export function confirmWide(at: usize): void {
  const key = wideKey(at);
  const h = hash(key);
  if (known(bitmap, h)) walk(at, key, wideHeads + (<usize>(h & slotMask) << 2));
}

// The same for the prefixes of values, whose keys are their first three characters.
// @ts-ignore: decorator
@inline
export function confirmPrefix(at: usize): void {
  const key = load<u32>(at) & 0xffffff;
  const h = hash(key);
  if (known(prefixBitmap, h)) walk(at, key, prefixHeads + (<usize>(h & prefixSlotMask) << 2));
}

// @ts-ignore: decorator
@inline
export function confirmWidePrefix(at: usize): void {
  const key = wideKey(at);
  const h = hash(key);
  if (known(prefixBitmap, h)) walk(at, key, widePrefixHeads + (<usize>(h & prefixSlotMask) << 2));
}
