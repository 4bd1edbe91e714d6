import type { AddressedMemory } from './addressed-memory.js';
import { countedAt, FORMS, javaStringAt, rubyStringAt, type Text, type TextForm } from './texts.js';

/** A record in memory that has a name beside its value. */
export interface PairLayout {
  /** What a report calls the record that holds it. */
  of: string;
  /** Forms of the value, at the word that leads to it, and of the name. */
  value: TextForm;
  name: TextForm;
  /** Bytes from the value's word to that of the name. */
  nameAt: number;
  /** False for words that are no pair, whatever they lead to. */
  isPair?: (memory: AddressedMemory, value: number, name: number) => boolean;
}

/** An object that a record refers to in place of the text itself. */
interface HeadLayout {
  /** Bytes from the start of the object to the word that leads to the text. */
  at: number;
  /** The text of an object at an address. */
  text: (memory: AddressedMemory, head: number) => Text | undefined;
}

/** Records that have the texts themselves in them. */
interface PackedLayout {
  of: string;
  open: (memory: AddressedMemory, runs: number) => Listpacks;
}

/** What has names that are only in tables of the runtime, and the dump that shows them. */
export interface UnnamedFields {
  fields: string;
  instead: string;
}

export interface Runtime {
  /** Bytes of a reference. */
  word: 4 | 8;
  pairs: readonly PairLayout[];
  heads: readonly HeadLayout[];
  /** Blocks in which a name precedes its value. */
  packed?: PackedLayout;
  unnamed?: UnnamedFields;
}

/** The pairs of a value's forms with the same name. */
const pair = (of: string, form: TextForm, nameAt: number, value = form): PairLayout => ({
  of,
  value,
  name: form,
  nameAt,
});

const throughWord = (form: TextForm, at: number) => (memory: AddressedMemory, head: number) =>
  form(memory, head + at);

/**
 * False for two strings of one map (V8's type of an object): neighbours in its table of internalized strings.
 * The key of a pair is internalized, and its value is not.
 */
const haveOtherMaps = (memory: AddressedMemory, value: number, name: number): boolean => {
  const mapOf = (word: number) => memory.u64((memory.u64(word) ?? 0) - 1);
  return mapOf(value) !== mapOf(name);
};

/** Runtimes whose records are known, by the paths of mapped files that show them; the first one counts. */
export const RUNTIMES: readonly (Runtime & { modules: RegExp })[] = [
  {
    // PyDictUnicodeEntry and PyDictKeyEntry (pycore_dict.h): key, value. PyTupleObject: items.
    modules: /\/(?:lib)?python\d[^/]*$/,
    word: 8,
    pairs: [
      pair('dict', FORMS.pythonStr, -8),
      pair('dict', FORMS.pythonStr, -8, FORMS.pythonBytes),
      pair('dict', FORMS.pythonBytes, -8),
    ],
    heads: [],
  },
  {
    // Bucket (zend_types.h): zval of 16 bytes, hash, key. Packed arrays: zvals.
    modules: /\/(?:php[^/]*|libphp[^/]*)$/,
    word: 8,
    pairs: [pair('array', FORMS.phpString, 24), pair('array', FORMS.phpString, -16)],
    heads: [],
  },
  {
    // st_table_entry (st.c) has a hash before its key and value; ar_table and Array have none.
    modules: /\/(?:lib)?ruby[^/]*$/,
    word: 8,
    pairs: [pair('Hash', FORMS.rubyString, -8)],
    heads: [{ at: 24, text: rubyStringAt }],
  },
  {
    // dictEntry (dict.c): key, value.
    modules: /\/(?:redis|valkey)-[^/]*$/,
    word: 8,
    pairs: [pair('dict', FORMS.sds, -8), pair('dict', FORMS.sds, -8, FORMS.redisObject)],
    heads: [{ at: 8, text: throughWord(FORMS.sds, 8) }],
    packed: { of: 'hash', open: (memory, runs) => new Listpacks(memory, runs) },
  },
  {
    // Tables of Map, dictionaries and arrays of V8: key, value.
    modules: /\/node[^/]*$/,
    word: 8,
    pairs: [{ ...pair('Map', FORMS.v8String, -8), isPair: haveOtherMaps }],
    heads: [],
    unnamed: {
      fields: 'properties of objects of JavaScript',
      instead: 'take a heap snapshot (v8.writeHeapSnapshot(), node --heapsnapshot-signal)',
    },
  },
  {
    // Nodes of the maps of java.util: key, value.
    modules: /\/libjvm\.so$/,
    word: 4,
    pairs: [pair('Map', FORMS.javaString, -4)],
    heads: [{ at: 20, text: (memory, head) => javaStringAt(memory, [head]) }],
    unnamed: {
      fields: 'fields of objects of Java',
      instead: 'take a heap dump (jcmd PID GC.heap_dump FILE)',
    },
  },
];

/** Programs of Go, by where its heap begins (malloc.go). */
export const GO_HEAP = 0xc0_0000_0000n;
export const GO: Runtime = {
  word: 8,
  pairs: [
    // Slots of a map of strings, and structs and arrays of two strings.
    pair('map', FORMS.counted, -16),
    // A slot whose value is an interface: type and data.
    { of: 'map', value: FORMS.countedBehind, name: FORMS.counted, nameAt: -24 },
  ],
  heads: [{ at: 0, text: countedAt }],
};

/** Programs of C and C++. */
export const NATIVE: Runtime = {
  word: 8,
  pairs: [
    // std::map and std::unordered_map of strings: two std::string of 32 bytes.
    pair('std::map', FORMS.cxxString, -32),
    // Entries of { char *name, *value }, and arguments.
    pair('', FORMS.cString, -8),
  ],
  heads: [],
};

/**
 * Small hashes of Redis and Valkey from 7.0 on: field and value are neighbours in a block (listpack.c). An
 * entry is its encoding and length, its bytes, and its size again, to be read backwards.
 */
const HEADER = { length: 6, countAt: 4, manyEntries: 0xffff };
const END = 0xff;
/** Bytes of the longest text; `hash-max-listpack-value` is 64 by default. */
const LONGEST = 256;
/** Bytes before a text: its encoding and length. */
const LONGEST_HEAD = 2;
/** Entries walked for one value, and for each on average. By default a hash has at most 1,024. */
const MOST_ENTRIES = 2048;
const ENTRIES_EACH = 64;

/** A text and its name. */
interface NamedText {
  value: Text;
  name: Text;
}

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

/** Pairs in the listpacks of a process. Ascending addresses are fast: a block is then walked once. */
export class Listpacks {
  readonly #memory: AddressedMemory;
  /** Entries that may still be passed over. */
  #left: number;
  /** The last entry that was looked at, and the number of those before it; -1 if it is in no block. */
  #known = { start: -1, index: -1 };

  /** `runs`: how many will be asked about. */
  constructor(memory: AddressedMemory, runs: number) {
    this.#memory = memory;
    this.#left = MOST_ENTRIES + ENTRIES_EACH * runs;
  }

  /** False once too many entries were passed over: crafted memory has no end of blocks within blocks. */
  get goesOn(): boolean {
    return this.#left > 0;
  }

  /** The value of a hash that a run of characters at an address is part of, and the name of its field. */
  pairAt(run: number): NamedText | undefined {
    const heads = this.#memory.before(run, LONGEST + LONGEST_HEAD);
    // The text that begins where the run begins is tried first.
    for (let at = heads.length - 1; at >= 0; at--) {
      const isShort = (heads[at]! & 0xc0) === 0x80;
      if (!isShort && (heads[at]! & 0xf0) !== 0xe0) continue;
      if (isShort && at + 1 + (heads[at]! & 0x3f) <= heads.length) continue;
      const value = entryAt(this.#memory, run - heads.length + at);
      if (value === undefined || value.address > run || value.address + value.length <= run) continue;
      const previous = before(this.#memory, value.start);
      const name = previous === undefined ? undefined : entryAt(this.#memory, previous);
      if (name !== undefined && this.#isValue(value.start)) return { value, name };
    }
    return undefined;
  }

  /** True for a value: an odd number of entries precedes it in its block. */
  #isValue(start: number): boolean {
    const index = this.#indexOf(start);
    this.#known = { start, index };
    return index % 2 === 1;
  }

  #indexOf(start: number): number {
    let entry: number | undefined = start;
    for (let count = 0; count < MOST_ENTRIES && entry !== undefined && this.#left > 0; count++) {
      if (entry === this.#known.start) return this.#known.index < 0 ? -1 : this.#known.index + count;
      if (isFirst(this.#memory, entry)) return count;
      entry = before(this.#memory, entry);
      this.#left--;
    }
    return -1;
  }
}
