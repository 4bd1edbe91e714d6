import type { Rule, ServiceOfValue } from '../../rules/types.js';
import { VALUE_CLASSES } from '../../rules/vocabulary.js';
import { NAMES_A_THING, NEGATIVE, SCHEMES, SECOND_OF_PAIR, STRONG, TRAILING } from './word-lists.js';

/**
 * The rows of rules/names.yaml and rules/services/ as lookup tables, of numbers only, so that workers share
 * one copy. Words are looked up run together: `apiKey`, `API_KEY`, `api key` and `apikey` are one entry.
 */
export interface Tables {
  /** Open addressing by the hash of an entry's characters: index of the entry plus 1, or 0. */
  slots: Int32Array;
  /** {@link ENTRY} numbers each. */
  entries: Int32Array;
  /** {@link ROW} numbers for each generic name. */
  rows: Int32Array;
  /** {@link SERVICE} numbers for each service. */
  services: Int32Array;
  /** {@link FORM} numbers for each length of each form. */
  forms: Int32Array;
  /** Services of entries, and entries of names that a row is not for. */
  lists: Int32Array;
  /** A bit for the first characters of each entry (see {@link headStep}). */
  heads: Int32Array;
  /** Characters of the entries. */
  characters: Uint8Array;
}

/** Fields of an entry: place of its characters, flags, its generic name (or -1), its services in `lists`. */
export const ENTRY = { at: 0, length: 1, flags: 2, row: 3, services: 4, serviceCount: 5, size: 6 } as const;
/** Fields of a generic name: index of its rule, number of words, flags, its `not` in `lists`. */
export const ROW = { rule: 0, words: 1, flags: 2, not: 3, notCount: 4, size: 5 } as const;
/** Fields of a service: index of its rule, its forms. */
export const SERVICE = { rule: 0, forms: 1, formCount: 2, size: 3 } as const;
/** Fields of a form: index of its class or {@link PATTERN}, lengths, its index in the rule. */
export const FORM = { class: 0, least: 1, most: 2, index: 3, size: 4 } as const;
export const PATTERN = -1;

export const FLAG = {
  negative: 1,
  namesAThing: 2,
  trailing: 4,
  scheme: 8,
  secondOfPair: 16,
} as const;

export const ROW_FLAG = { anywhere: 1, signing: 2, strong: 4 } as const;

/** Characters before a value in which words are looked up. */
export const NEAREST_WORDS = 100;

/** Characters and words of the longest entry that is looked up. */
export const LONGEST_ENTRY = 40;
export const MOST_WORDS = 6;

/** Lengths that a pattern may match: only its own test decides. */
const OF_PATTERN: [number, number] = [8, 512];

const STATIC: readonly [readonly string[], number][] = [
  [NEGATIVE, FLAG.negative],
  [NAMES_A_THING, FLAG.namesAThing],
  [TRAILING, FLAG.trailing],
  [SCHEMES, FLAG.scheme],
  [SECOND_OF_PAIR, FLAG.secondOfPair],
];

/** Hash of a sequence; that of two joined ones is computed from theirs. */
export const hashStep = (hash: number, character: number): number => (Math.imul(hash, 31) + character) | 0;

/** Slot of a hash among a power of two of them. */
export const slotOf = (hash: number, count: number): number =>
  (Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 8) & (count - 1);

/** Characters of an entry's head, or all of a shorter entry's; at least 2. */
export const HEAD = 4;
const HEAD_BITS = 1 << 15;

/** Hash of a head: few words of other texts have one of an entry. */
export const headStep = (head: number, character: number): number => Math.imul(head, 37) + character - 0x2f;

export function hasHead(heads: Int32Array, head: number): boolean {
  const bit = head & (HEAD_BITS - 1);
  return (heads[bit >> 5]! & (1 << (bit & 31))) !== 0;
}

interface Entry {
  flags: number;
  row: number;
  services: number[];
}

/** Collects the rows of all rules, then makes the arrays. */
class Compiler {
  readonly #entries = new Map<string, Entry>();
  readonly #rows: number[] = [];
  readonly #services: number[] = [];
  readonly #forms: number[] = [];
  readonly #lists: number[] = [];
  readonly #nots: { row: number; words: readonly string[] }[] = [];

  entry(words: string): Entry {
    let entry = this.#entries.get(words);
    if (entry === undefined) {
      entry = { flags: 0, row: -1, services: [] };
      this.#entries.set(words, entry);
    }
    return entry;
  }

  add({ value, signing }: Rule, rule: number): void {
    if (value?.type === 'name') {
      const { words, at, not } = value;
      const strong = words.length > 1 || STRONG.has(words[0]!);
      const row = this.#rows.length / ROW.size;
      this.entry(words.join('')).row = row;
      this.#nots.push({ row, words: not.map((each) => each.replaceAll(' ', '')) });
      const flags =
        (at === 'anywhere' ? ROW_FLAG.anywhere : 0) |
        (signing ? ROW_FLAG.signing : 0) |
        (strong ? ROW_FLAG.strong : 0);
      this.#rows.push(rule, words.length, flags, 0, 0);
    } else if (value?.type === 'service') this.#addService(value, rule);
  }

  #addService({ names, forms }: ServiceOfValue, rule: number): void {
    const service = this.#services.length / SERVICE.size;
    const first = this.#forms.length / FORM.size;
    forms.forEach((form, index) => {
      const kind = 'class' in form ? VALUE_CLASSES.indexOf(form.class) : PATTERN;
      const lengths = 'class' in form ? form.lengths : [OF_PATTERN];
      for (const [least, most] of lengths) this.#forms.push(kind, least, most, index);
    });
    this.#services.push(rule, first, this.#forms.length / FORM.size - first);
    for (const words of names) {
      const { services } = this.entry(words.join(''));
      if (services.at(-1) !== service) services.push(service);
    }
  }

  tables(): Tables {
    for (const { words } of this.#nots) for (const each of words) this.entry(each);
    const all = [...this.#entries];
    const indices = new Map(all.map(([words], index) => [words, index]));
    for (const { row, words } of this.#nots) {
      this.#rows[row * ROW.size + ROW.not] = this.#lists.length;
      this.#rows[row * ROW.size + ROW.notCount] = words.length;
      this.#lists.push(...words.map((each) => indices.get(each)!));
    }
    const count = 2 ** Math.ceil(Math.log2(2 * all.length + 2));
    const slots = new Int32Array(count);
    const entries = new Int32Array(all.length * ENTRY.size);
    const characters = Buffer.from(all.map(([words]) => words).join(''), 'latin1');
    const heads = new Int32Array(HEAD_BITS / 32);
    let at = 0;
    all.forEach(([words, { flags, row, services }], index) => {
      entries.set([at, words.length, flags, row, this.#lists.length, services.length], index * ENTRY.size);
      this.#lists.push(...services);
      let head = 0;
      for (let i = at; i < at + Math.min(words.length, HEAD); i++)
        head = headStep(head, characters[i]!) & (HEAD_BITS - 1);
      heads[head >> 5]! |= 1 << (head & 31);
      let hash = 0;
      for (let i = at; i < at + words.length; i++) hash = hashStep(hash, characters[i]!);
      let slot = slotOf(hash, count);
      while (slots[slot] !== 0) slot = (slot + 1) & (count - 1);
      slots[slot] = index + 1;
      at += words.length;
    });
    return {
      slots,
      entries,
      rows: Int32Array.from(this.#rows),
      services: Int32Array.from(this.#services),
      forms: Int32Array.from(this.#forms),
      lists: Int32Array.from(this.#lists),
      heads,
      characters: Uint8Array.from(characters),
    };
  }
}

/** Tables of the rules with a row; `rule` in them is an index into `rules`. */
export function compileTables(rules: readonly Rule[]): Tables {
  const compiler = new Compiler();
  for (const [words, flag] of STATIC) for (const each of words) compiler.entry(each).flags |= flag;
  rules.forEach((rule, index) => {
    compiler.add(rule, index);
  });
  return compiler.tables();
}

const NUMBERS = ['slots', 'entries', 'rows', 'services', 'forms', 'lists', 'heads'] as const;

/** The tables in one piece: their lengths, then their numbers, then the characters. */
export function packTables(rules: readonly Rule[]): Uint8Array {
  const tables = compileTables(rules);
  const parts = NUMBERS.map((name) => tables[name]);
  const header = Int32Array.from([...parts.map(({ length }) => length), tables.characters.length]);
  const bytes = Buffer.concat(
    [header, ...parts, tables.characters].map((part) =>
      Buffer.from(part.buffer, part.byteOffset, part.byteLength),
    ),
  );
  return Uint8Array.from(bytes);
}

/** Views of packed tables; `bytes` may be shared memory and starts at a multiple of 4. */
export function unpackTables(bytes: Uint8Array): Tables {
  const header = new Int32Array(bytes.buffer, bytes.byteOffset, NUMBERS.length + 1);
  let at = bytes.byteOffset + header.byteLength;
  const [slots, entries, rows, services, forms, lists, heads] = NUMBERS.map((_, index) => {
    const part = new Int32Array(bytes.buffer, at, header[index]!);
    at += part.byteLength;
    return part;
  });
  const characters = new Uint8Array(bytes.buffer, at, header[NUMBERS.length]!);
  return {
    ...{ slots: slots!, entries: entries!, rows: rows!, services: services! },
    ...{ forms: forms!, lists: lists!, heads: heads!, characters },
  };
}

/**
 * Packed tables of a part of the rules that `packed` was made of. `indices`: for each of those rules its new
 * index, or -1 if it is left out: then no name leads to it. Much cheaper than to compile the part anew.
 */
export function selectTables(packed: Uint8Array, indices: Int32Array): Uint8Array {
  const selected = Uint8Array.from(packed);
  const { entries, rows, services, lists } = unpackTables(selected);
  for (let row = 0; row < rows.length; row += ROW.size)
    rows[row + ROW.rule] = indices[rows[row + ROW.rule]!]!;
  for (let service = 0; service < services.length; service += SERVICE.size)
    services[service + SERVICE.rule] = indices[services[service + SERVICE.rule]!]!;
  for (let entry = 0; entry < entries.length; entry += ENTRY.size) {
    const row = entries[entry + ENTRY.row]!;
    if (row >= 0 && rows[row * ROW.size + ROW.rule]! < 0) entries[entry + ENTRY.row] = -1;
    const first = entries[entry + ENTRY.services]!;
    const end = first + entries[entry + ENTRY.serviceCount]!;
    let to = first;
    for (let from = first; from < end; from++)
      if (services[lists[from]! * SERVICE.size + SERVICE.rule]! >= 0) lists[to++] = lists[from]!;
    entries[entry + ENTRY.serviceCount] = to - first;
  }
  return selected;
}
