// Whether a name may be in a text before a value: one of the tables of src/sweep/values/tables.ts, at any place,
// with any separators in it. src/sweep/values/words.ts, which decides, also splits words; most values have no such
// name before them.

const ENTRY: usize = 24;
const AT: usize = 0;
const LENGTH: usize = 4;
const ROW: usize = 12;
const SERVICES: usize = 20;

/** Characters of the head of an entry, and of the shortest entry. */
const HEAD: u32 = 4;
const SHORTEST: u32 = 3;
const LONGEST: usize = 40;

/** A character that ends a name. */
const OTHER: u32 = 0;

let slots: usize = 0;
let slotCount: u32 = 0;
let entries: usize = 0;
let characters: usize = 0;
/** Heads of entries, as their characters; 0 for none. An entry of three characters has a fourth byte of 0. */
let heads: usize = 0;
let headMask: u32 = 0;
/** A bit for the hash of the first three characters of each entry. */
let fronts: usize = 0;
let hasShort: bool = false;

/**
 * Addresses of the tables, and how many slots and entries they have; `headsAt`: 4 bytes for each of
 * `headCount` heads, a power of two and more than there are entries; `frontsAt`: 8 KiB.
 */
export function prepare(
  slotsAt: usize,
  count: u32,
  entriesAt: usize,
  entryCount: usize,
  charactersAt: usize,
  headsAt: usize,
  headCount: u32,
  frontsAt: usize,
): void {
  slots = slotsAt;
  slotCount = count;
  entries = entriesAt;
  characters = charactersAt;
  heads = headsAt;
  fronts = frontsAt;
  headMask = headCount - 1;
  for (let entry = entries; entry < entries + entryCount * ENTRY; entry += ENTRY)
    if (isUseful(entry)) addHead(characters + load<u32>(entry, AT), load<u32>(entry, LENGTH));
}

/** It has a generic name or a service of the rules in use. */
// @ts-ignore: decorator
@inline
function isUseful(entry: usize): bool {
  return load<i32>(entry, ROW) >= 0 || load<u32>(entry, SERVICES) > 0;
}

/** A shorter entry than three characters may be anywhere: every text may have a name then. */
function addHead(at: usize, length: u32): void {
  if (length < SHORTEST) hasShort = true;
  const head = length < HEAD ? load<u32>(at) & 0xffffff : load<u32>(at);
  const front = frontOf(head);
  const byte = fronts + (front >>> 3);
  store<u8>(byte, load<u8>(byte) | ((<u8>1) << <u8>(front & 7)));
  let slot = slotOf(head);
  while (load<u32>(heads + (slot << 2)) != 0 && load<u32>(heads + (slot << 2)) != head)
    slot = (slot + 1) & headMask;
  store<u32>(heads + (slot << 2), head);
}

/** Hash of the first three characters, 16 bits. */
// @ts-ignore: decorator
@inline
function frontOf(head: u32): u32 {
  return ((head << 8) * 0x9e3779b1) >>> 16;
}

// @ts-ignore: decorator
@inline
function mayBegin(head: u32): bool {
  const front = frontOf(head);
  return ((load<u8>(fronts + (front >>> 3)) >>> (front & 7)) & 1) != 0;
}

// @ts-ignore: decorator
@inline
function slotOf(head: u32): u32 {
  return ((head * 0x9e3779b1) >>> 15) & headMask;
}

// @ts-ignore: decorator
@inline
function hasHead(head: u32): bool {
  let slot = slotOf(head);
  let found = load<u32>(heads + (slot << 2));
  while (found != 0 && found != head) {
    slot = (slot + 1) & headMask;
    found = load<u32>(heads + (slot << 2));
  }
  return found == head;
}

/** True if some entry that is useful, of four characters or more, begins at `at`. */
function hasEntry(at: usize): bool {
  let hash: i32 = 0;
  for (let length: usize = 1; length <= LONGEST; length++) {
    const character = <u32>load<u8>(at + length - 1);
    if (character == OTHER) return false;
    hash = hash * 31 + <i32>character;
    if (length >= <usize>HEAD && isEntry(hash, at, length)) return true;
  }
  return false;
}

function isEntry(hash: i32, at: usize, length: usize): bool {
  // The slot of `slotOf` of src/sweep/values/tables.ts.
  let slot = (((<u32>hash ^ (<u32>hash >>> 15)) * 0x9e3779b1) >>> 8) & (slotCount - 1);
  let index = load<u32>(slots + (slot << 2));
  while (index != 0) {
    const entry = entries + (<usize>index - 1) * ENTRY;
    const isSame =
      load<u32>(entry, LENGTH) == <u32>length &&
      memory.compare(characters + load<u32>(entry, AT), at, length) == 0;
    if (isSame) return isUseful(entry);
    slot = (slot + 1) & (slotCount - 1);
    index = load<u32>(slots + (slot << 2));
  }
  return false;
}

/** False if the character at `at` begins no escape of src/sweep/values/context.ts, by the one behind it. */
function mayBeEscape(at: usize): bool {
  const mark = load<u8>(at);
  const next = load<u8>(at, 1);
  const letter = next | 0x20;
  const isHex = <u8>(next - 0x30) < 10 || <u8>(letter - 0x61) < 6;
  if (mark == 0x25) return isHex;
  // &quot; &apos; &amp; &lt; &gt; and those with a number.
  if (mark == 0x26) return next == 0x71 || next == 0x61 || next == 0x6c || next == 0x67 || next == 0x23;
  // \n \r \t \u \x, quotes, slashes.
  if (letter == 0x6e || letter == 0x72 || letter == 0x74 || letter == 0x75 || letter == 0x78) return true;
  return next == 0x22 || next == 0x27 || next == 0x2f || next == 0x60 || next == 0x5c;
}

/** Bytes from `first` on, fewer than `count`. */
// @ts-ignore: decorator
@inline
function isWithin(x: v128, first: i32, count: i32): v128 {
  return i8x16.lt_u(i8x16.sub(x, i8x16.splat(<i8>first)), i8x16.splat(<i8>count));
}

// @ts-ignore: decorator
@inline
function isByte(x: v128, byte: i32): v128 {
  return i8x16.eq(x, i8x16.splat(<i8>byte));
}

/**
 * False if no name is in these characters, and no escape, which may change what names are there. The
 * character behind them is read, too. `text`: room for as many characters and 24 more.
 */
export function mayHoldName(from: usize, length: usize, text: usize): bool {
  if (hasShort) return true;
  // Letters in lower case and digits, without separators: the names of entries are one after another.
  let end = text;
  for (let i: usize = 0; i < length; i += 16) {
    const valid = length - i < 16 ? (1 << <i32>(length - i)) - 1 : 0xffff;
    const x = v128.load(from + i);
    const escapes = v128.or(v128.or(isByte(x, 0x25), isByte(x, 0x26)), isByte(x, 0x5c));
    for (let bits = i8x16.bitmask(escapes) & valid; bits != 0; bits &= bits - 1)
      if (mayBeEscape(from + i + <usize>ctz(bits))) return true;
    const lower = v128.or(x, i8x16.splat(0x20));
    const letters = v128.and(lower, isWithin(lower, 0x61, 26));
    v128.store(end, v128.or(letters, v128.and(x, isWithin(x, 0x30, 10))));
    // Blank, dash, dot, slash, underscore.
    const beside = v128.or(isByte(x, 0x20), isByte(x, 0x5f));
    const separators = i8x16.bitmask(v128.or(beside, isWithin(x, 0x2d, 3)));
    const others = ~separators & valid;
    if (others != valid) compact(end, others);
    end += popcnt(others);
  }
  store<u32>(end, 0);
  for (let at = text; at + SHORTEST <= end; at++) {
    const head = load<u32>(at);
    if ((head & 0xff) == OTHER || !mayBegin(head)) continue;
    if (hasHead(head & 0xffffff)) return true;
    if (hasHead(head) && hasEntry(at)) return true;
  }
  return false;
}

/** Moves the characters whose bits are set to the front. */
function compact(at: usize, bits: i32): void {
  let to = at;
  for (; bits != 0; bits &= bits - 1, to++) store<u8>(to, load<u8>(at + <usize>ctz(bits)));
}
