import type { AddressedMemory } from './addressed-memory.js';

/** A text in memory: the bytes of its characters. */
export interface Text {
  address: number;
  length: number;
}

/**
 * Reads a text that an address leads to: the object, or the field, at that address. Undefined if its length
 * and its end are not as the runtime writes them.
 */
export type TextForm = (memory: AddressedMemory, address: number) => Text | undefined;

const LONGEST = 4096;

/** A text of a length that was read, which a NUL follows if the runtime writes one. */
function text(
  memory: AddressedMemory,
  address: number | undefined,
  length: number | undefined,
  end: 'nul' | 'open' = 'nul',
): Text | undefined {
  if (address === undefined || length === undefined || length === 0 || length > LONGEST) return undefined;
  const bytes = memory.bytes(address, length + (end === 'nul' ? 1 : 0));
  if (bytes === undefined || (end === 'nul' && bytes[length] !== 0)) return undefined;
  for (let i = 0; i < length; i++) if (!isPrintable(bytes[i])) return undefined;
  return { address, length };
}

const isPrintable = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x20 && byte <= 0x7e;

/** A C string of at least four characters that is not the end of a longer one. */
function cString(memory: AddressedMemory, address: number | undefined): Text | undefined {
  if (address === undefined || isPrintable(memory.u8(address - 1))) return undefined;
  for (const most of [64, LONGEST]) {
    const end = memory.bytes(address, most)?.indexOf(0) ?? -1;
    if (end >= 0) return end < 4 ? undefined : text(memory, address, end);
  }
  return undefined;
}

const RUBY = { string: 0x05, type: 0x1f, notEmbedded: 1 << 13 };

/** Bits of the first byte of a string of Redis (sds.h): its type, and the length of the shortest type. */
const SDS = { type: 7, bits: 3 };

export const FORMS = {
  /** `char *`. */
  cString: (memory, address) => cString(memory, memory.u64(address)),
  /** `char *` and a length in the next word: Go's string header. */
  counted: (memory, address) => countedAt(memory, address),
  /** A pointer to such a header: the data of an interface that holds a string. */
  countedBehind(memory, address) {
    const header = memory.u64(address);
    return header === undefined ? undefined : countedAt(memory, header);
  },
  /** std::string of libstdc++ (basic_string.h): pointer, length, then the characters of a short one. */
  cxxString: (memory, address) => text(memory, memory.u64(address), memory.u64(address + 8)),
  /** `PyASCIIObject *` (unicodeobject.h): 40 bytes from 3.12 on, 48 with `wstr` before. */
  pythonStr(memory, address) {
    const head = memory.u64(address);
    const length = head === undefined ? undefined : memory.u64(head + 16);
    if (length === undefined) return undefined;
    return text(memory, head! + 40, length) ?? text(memory, head! + 48, length);
  },
  /** `PyBytesObject *` (bytesobject.h). */
  pythonBytes(memory, address) {
    const head = memory.u64(address);
    return head === undefined ? undefined : text(memory, head + 32, memory.u64(head + 16));
  },
  /** `zend_string *` (zend_types.h). */
  phpString(memory, address) {
    const head = memory.u64(address);
    return head === undefined ? undefined : text(memory, head + 24, memory.u64(head + 16));
  },
  /** `struct RString *` from Ruby 3.3 on (rstring.h). */
  rubyString(memory, address) {
    const head = memory.u64(address);
    return head === undefined ? undefined : rubyStringAt(memory, head);
  },
  /** `sds` (sds.h): the length is in front of the text. */
  sds(memory, address) {
    const start = memory.u64(address);
    return start === undefined ? undefined : sdsAt(memory, start);
  },
  /** `robj *` (server.h): a raw or an embedded string. */
  redisObject(memory, address) {
    const head = memory.u64(address);
    const start = head === undefined ? undefined : memory.u64(head + 8);
    return start === undefined ? undefined : sdsAt(memory, start);
  },
  /** Tagged pointer to a sequential string of one byte a character, uncompressed (V8, string.h). */
  v8String(memory, address) {
    const tagged = memory.u64(address);
    if (tagged === undefined || tagged % 2 === 0) return undefined;
    return text(memory, tagged + 15, memory.u32(tagged + 11), 'open');
  },
  /** Compressed reference to a java.lang.String of one byte a character. */
  javaString: (memory, address) => javaStringAt(memory, reference(memory, address)),
} as const satisfies Readonly<Record<string, TextForm>>;

export const countedAt: TextForm = (memory, address) =>
  text(memory, memory.u64(address), memory.u64(address + 8), 'open');

export function rubyStringAt(memory: AddressedMemory, head: number): Text | undefined {
  const flags = memory.u32(head);
  if (flags === undefined || (flags & RUBY.type) !== RUBY.string) return undefined;
  const length = memory.u64(head + 16);
  return (flags & RUBY.notEmbedded) === 0
    ? text(memory, head + 24, length)
    : text(memory, memory.u64(head + 24), length, 'open');
}

function sdsAt(memory: AddressedMemory, start: number): Text | undefined {
  const flags = memory.u8(start - 1);
  if (flags === undefined) return undefined;
  const lengths = [flags >> SDS.bits, memory.u8(start - 3), memory.u16(start - 5), memory.u32(start - 9)];
  return text(memory, start, lengths[flags & SDS.type]);
}

/** Heaps of less than 4 GB have references that are addresses, those of less than 32 GB are shifted. */
export const SHIFTS = [1, 8];

/** Addresses that a compressed reference may be. */
function reference(memory: AddressedMemory, address: number): number[] {
  const word = memory.u32(address);
  return word === undefined || word === 0 ? [] : SHIFTS.map((shift) => word * shift);
}

/** String: hash, then coder, then value (compressed class pointers); byte[]: length at 12, elements at 16. */
const STRING = { coder: 16, value: 20 };

export function javaStringAt(memory: AddressedMemory, heads: readonly number[]): Text | undefined {
  for (const head of heads) {
    if (memory.u8(head + STRING.coder) !== 0) continue;
    for (const array of reference(memory, head + STRING.value)) {
      const found = text(memory, array + 16, memory.u32(array + 12), 'open');
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
