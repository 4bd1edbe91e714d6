import type { AddressedMemory } from './addressed-memory.js';
import { Listpacks } from './listpack.js';
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
