// Confirms candidates (3-byte keys found in the data) as exact hits.
//
// bitmap   64 Ki bits, indexed by the hash of a key: a Bloom filter of all literals' keys
// heads    u32 [2][slots], plain and wide, indexed by the hash's low bits: first entry of a chain, 0 = none
// entries  20 bytes: u32 key, u32 next entry, u32 pattern id, u16 length, u16 offset of the key in the
//          pattern, u32 body
//          The value net's prefixes have a bitmap and heads of their own.
// bodies   per 16 bytes of the pattern: 16 bytes, then their 16-byte mask (00 past the end of the pattern, df
//          for a letter in either case)



// The hit buffer, and the chunk that hits must start in; used by the literal and the needle kernel. A hit is
// one f64, offset * 2^24 + pattern id, the format of src/sweep/hits.ts: the host copies the buffer unchanged
// and sorts it.

let out: usize = 0;
let room: u32 = 0;
let count: u32 = 0;
let chunk: usize = 0;
let chunkEnd: usize = 0;
let dataEnd: usize = 0;
let firstOffset: f64 = 0;

const ID: f64 = 16777216;

export function setHits(buffer: usize, capacity: u32): void {
  out = buffer;
  room = capacity;
}

// `offset`: file offset of the chunk's first byte.
export function openChunk(at: usize, length: usize, margin: usize, offset: f64): void {
  count = 0;
  firstOffset = offset;
  chunk = at;
  chunkEnd = at + length;
  dataEnd = chunkEnd + margin;
}

// Number of hits, which may exceed the capacity: the host then repeats the chunk in halves.
export function hitCount(): u32 {
  return count;
}

// A hit belongs to the chunk it starts in and must end within the valid data; the bytes after that are stale.
// @ts-ignore: decorator
@inline
export function inChunk(start: usize, length: usize): bool {
  return start >= chunk && start < chunkEnd && start + length <= dataEnd;
}

export function addHit(start: usize, id: u32): void {
  if (count < room) store<f64>(out + (<usize>count << 3), (firstOffset + <f64>(<u32>(start - chunk))) * ID + <f64>id);
  count++;
}

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
