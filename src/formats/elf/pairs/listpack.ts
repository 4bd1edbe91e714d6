import type { AddressedMemory } from './addressed-memory.js';
import type { Text } from './texts.js';

/**
 * Small hashes of Redis and Valkey from 7.0 on: field and value are neighbours in a block (listpack.c). An
 * entry is its encoding and length, its bytes, and its size again, to be read backwards.
 */
const HEADER = { length: 6, countAt: 4, manyEntries: 0xffff };
const END = 0xff;
/** Bytes of the longest text; `hash-max-listpack-value` is 64 by default. */
const LONGEST = 256;
/** Entries before one that are passed over; by default a hash has at most 1,024. */
const MOST_ENTRIES = 2048;

interface Entry extends Text {
  /** Address of its encoding. */
  start: number;
}

/** The text of an entry at an address; undefined for a number, and where its two sizes differ. */
function entryAt(memory: AddressedMemory, start: number): Entry | undefined {
  const first = memory.u8(start);
  if (first === undefined) return undefined;
  const isShort = (first & 0xc0) === 0x80;
  if (!isShort && (first & 0xf0) !== 0xe0) return undefined;
  const head = isShort ? 1 : 2;
  const length = isShort ? first & 0x3f : ((first & 0x0f) << 8) | (memory.u8(start + 1) ?? 0);
  if (length === 0 || length > LONGEST) return undefined;
  const end = start + head + length;
  return sizeBefore(memory, end + (head + length < 128 ? 1 : 2)) === head + length
    ? { start, address: start + head, length }
    : undefined;
}

/** The size of the entry that ends at an address, without its own one or two bytes. */
function sizeBefore(memory: AddressedMemory, end: number): number | undefined {
  const last = memory.u8(end - 1);
  if (last === undefined || last < 128) return last;
  const more = memory.u8(end - 2);
  return more === undefined || more >= 128 ? undefined : more * 128 + (last & 127);
}

/** The address of the entry before one. */
function before(memory: AddressedMemory, start: number): number | undefined {
  const size = sizeBefore(memory, start);
  return size === undefined || size === 0 ? undefined : start - size - (size < 128 ? 1 : 2);
}

/** True if a block begins right before an entry, and ends where it says. */
function isFirst(memory: AddressedMemory, start: number): boolean {
  const block = start - HEADER.length;
  const total = memory.u32(block);
  const count = memory.u16(block + HEADER.countAt);
  if (total === undefined || count === undefined || total <= HEADER.length) return false;
  return (count % 2 === 0 || count === HEADER.manyEntries) && memory.u8(block + total - 1) === END;
}

/** True for a value: an odd number of entries precedes it in its block. */
function isValue(memory: AddressedMemory, start: number): boolean {
  let entry = start;
  for (let count = 0; count < MOST_ENTRIES; count++) {
    if (isFirst(memory, entry)) return count % 2 === 1;
    const previous = before(memory, entry);
    if (previous === undefined) return false;
    entry = previous;
  }
  return false;
}

/** The value of a hash that a run of characters at an address is part of, and the name of its field. */
export function listpackPair(memory: AddressedMemory, run: number): { value: Text; name: Text } | undefined {
  for (let address = run; address > run - LONGEST; address--)
    for (const head of [1, 2]) {
      const value = entryAt(memory, address - head);
      if (value === undefined || value.address !== address || value.address + value.length <= run) continue;
      const previous = before(memory, value.start);
      const name = previous === undefined ? undefined : entryAt(memory, previous);
      if (name !== undefined && isValue(memory, value.start)) return { value, name };
    }
  return undefined;
}
