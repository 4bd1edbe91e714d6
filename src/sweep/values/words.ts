import { wipeAfterRuns } from '../../core/base/runtime/scratch.js';
import { DIGIT, KINDS, LOWER, UPPER } from './alphabet.js';
import {
  ENTRY,
  FLAG,
  HEAD,
  hasHead,
  hashStep,
  headStep,
  LONGEST_ENTRY,
  MOST_WORDS,
  slotOf,
  type Tables,
} from './tables.js';

/**
 * A word of a text ends at a change of case, at a digit
 * and at any other character; words with at most one separator between them may be one entry.
 */

/** Bounds of a context of 134 characters. */
const WORDS = 136;
const MATCHES = 256;

/**
 * Words of the text read last on this thread. Constants of the module, because V8 reads the fields of an
 * object anew for each character: a sweep of values without names takes a tenth longer.
 */
const START = new Int32Array(WORDS);
const END = new Int32Array(WORDS);
const HASH = new Int32Array(WORDS);
const FLAGS = new Int32Array(WORDS);
wipeAfterRuns(() => HASH.fill(0));

/** Powers of 31 by length, to join hashes. */
const POWERS = new Int32Array(LONGEST_ENTRY + 1).fill(1);
for (let i = 1; i <= LONGEST_ENTRY; i++) POWERS[i] = Math.imul(POWERS[i - 1]!, 31);

const LETTER = UPPER | LOWER;

/** Lower-case letter or digit of each byte; 0 for others. */
const FOLDED = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++)
  if ((KINDS[byte]! & (LETTER | DIGIT)) !== 0)
    FOLDED[byte] = (KINDS[byte]! & UPPER) !== 0 ? byte | 0x20 : byte;

/** `_ - . space`, and a slash as in `oauth2/token`. */
const isSeparator = (byte: number): boolean =>
  byte === 0x5f || byte === 0x2d || byte === 0x2e || byte === 0x20 || byte === 0x2f;

/** True if the characters of the entry are those of text[from, to) without separators, in lower case. */
function spells(tables: Tables, entry: number, text: Uint8Array, from: number, to: number): boolean {
  const { entries, characters } = tables;
  let at = entries[entry + ENTRY.at]!;
  const end = at + entries[entry + ENTRY.length]!;
  for (let i = from; i < to; i++) {
    const folded = FOLDED[text[i]!]!;
    if (folded === 0) continue;
    if (at >= end || characters[at] !== folded) return false;
    at++;
  }
  return at === end;
}

/** The place of the entry for text[from, to) in `entries`, or -1. */
function lookUp(tables: Tables, hash: number, text: Uint8Array, from: number, to: number): number {
  const { slots } = tables;
  const count = slots.length;
  for (let slot = slotOf(hash, count); ; slot = (slot + 1) & (count - 1)) {
    const index = slots[slot]!;
    if (index === 0) return -1;
    const entry = (index - 1) * ENTRY.size;
    if (spells(tables, entry, text, from, to)) return entry;
  }
}

const IS_UPPER = 1;
const IS_LOWER = 2;
const IS_DIGIT = 3;
const TYPES = Uint8Array.from(KINDS, (kind) =>
  (kind & UPPER) !== 0 ? IS_UPPER : (kind & LOWER) !== 0 ? IS_LOWER : (kind & DIGIT) !== 0 ? IS_DIGIT : 0,
);

/** `-Dname=…`: the D is no part of the name of a Java property or a macro. */
const isDefinition = (text: Uint8Array, from: number, at: number): boolean =>
  text[at] === 0x44 && at > from && text[at - 1] === 0x2d && (at - 2 < from || TYPES[text[at - 2]!] === 0);

/** Words at the end of names that are written together: `dbpassword`, `MYTOKEN`. */
const ENDINGS = ['apikey', 'apitoken', 'token', 'secret', 'password', 'passwd', 'secretkey', 'accesskey'].map(
  (word) => Uint8Array.from(Buffer.from(word, 'latin1')),
);
/** Letters in front of such a word. */
const FRONT = 2;

/** Length of the ending of the word text[start, end), or 0. */
function endingOf(text: Uint8Array, start: number, end: number): number {
  let longest = 0;
  for (const ending of ENDINGS) {
    const { length } = ending;
    if (length <= longest || end - start < length + FRONT) continue;
    let i = 1;
    while (i <= length && FOLDED[text[end - i]!] === ending[length - i]) i++;
    if (i > length) longest = length;
  }
  return longest;
}

/** Last letters of the endings. */
const LAST = new Uint8Array(256);
for (const ending of ENDINGS) LAST[ending.at(-1)!] = 1;
/** Letters of the shortest word with an ending. */
const SHORTEST = 7;

/** True if an entry begins with the characters at `at`. */
function mayBegin(text: Uint8Array, at: number, to: number, heads: Int32Array): boolean {
  let head = 0;
  let characters = 0;
  for (let i = at; i < to; i++) {
    const folded = FOLDED[text[i]!]!;
    if (folded === 0) {
      if (isSeparator(text[i]!)) continue;
      return false;
    }
    head = headStep(head, folded);
    characters++;
    if (characters > 1 && hasHead(heads, head)) return true;
    if (characters === HEAD) return false;
  }
  return false;
}

/** The words of a text, and the entries of the tables among them. */
export class Words {
  count = 0;
  /** Shared by all instances of a thread, like `end`: each reads its words anew. */
  readonly start = START;
  readonly end = END;

  matches = 0;
  /** First and last word of each match, ascending by first; its entry. */
  readonly first = new Int32Array(MATCHES);
  readonly last = new Int32Array(MATCHES);
  readonly entry = new Int32Array(MATCHES);
  /** Some match has a generic name or a service. */
  useful = false;

  /** Reads the words of text[from, to) and their entries. */
  read(text: Uint8Array, from: number, to: number, tables: Tables): void {
    this.#split(text, from, to);
    this.matches = 0;
    this.useful = false;
    for (let first = 0; first < this.count; first++)
      if (mayBegin(text, START[first]!, to, tables.heads)) this.#matchFrom(text, first, tables);
  }

  /** True if the word is a number, or one of those that may follow a row's words. */
  isTrailing(text: Uint8Array, word: number): boolean {
    if ((FLAGS[word]! & FLAG.trailing) !== 0) return true;
    return (KINDS[text[START[word]!]!]! & DIGIT) !== 0 && END[word]! - START[word]! <= 4;
  }

  /** Reads the words of text[from, to). */
  #split(text: Uint8Array, from: number, to: number): void {
    let count = 0;
    let begin = from;
    let before = 0;
    let [hash, hashBefore] = [0, 0];
    for (let at = from; at <= to; at++) {
      const type = at < to ? TYPES[text[at]!]! : 0;
      if (type !== before && before !== 0) {
        // A capital begins a word, the last one of several too: `APIKey`.
        const capital = type === IS_LOWER && before === IS_UPPER;
        const ends = !capital ? at : at - 1 > begin ? at - 1 : -1;
        if (ends >= 0) {
          START[count] = begin;
          END[count] = ends;
          HASH[count] = capital ? hashBefore : hash;
          FLAGS[count] = 0;
          count++;
          if (ends - begin >= SHORTEST && LAST[FOLDED[text[ends - 1]!]!] === 1) {
            this.count = count;
            this.#divide(text);
            count = this.count;
          }
          begin = ends;
          hash = capital ? FOLDED[text[ends]!]! : 0;
        }
      }
      if (type !== 0) {
        if (before === 0) {
          if (isDefinition(text, from, at)) continue;
          begin = at;
          hash = 0;
        }
        hashBefore = hash;
        hash = hashStep(hash, FOLDED[text[at]!]!);
      }
      before = type;
    }
    this.count = count;
  }

  /** Divides the last word before its ending. */
  #divide(text: Uint8Array): void {
    const last = this.count - 1;
    const ending = endingOf(text, START[last]!, END[last]!);
    if (ending === 0 || this.count === WORDS) return;
    const middle = END[last]! - ending;
    START[last + 1] = middle;
    END[last + 1] = END[last]!;
    END[last] = middle;
    FLAGS[last + 1] = 0;
    for (const word of [last, last + 1]) {
      HASH[word] = 0;
      for (let i = START[word]!; i < END[word]!; i++) HASH[word] = hashStep(HASH[word]!, FOLDED[text[i]!]!);
    }
    this.count++;
  }

  #matchFrom(text: Uint8Array, first: number, tables: Tables): void {
    const { entries } = tables;
    let joined = 0;
    let length = 0;
    for (let last = first; last < this.count && last < first + MOST_WORDS; last++) {
      const gap = last === first ? 0 : START[last]! - END[last - 1]!;
      if (gap > 1 || (gap === 1 && !isSeparator(text[START[last]! - 1]!))) return;
      const size = END[last]! - START[last]!;
      length += size;
      if (length > LONGEST_ENTRY) return;
      joined = (Math.imul(joined, POWERS[size]!) + HASH[last]!) | 0;
      const entry = lookUp(tables, joined, text, START[first]!, END[last]!);
      if (entry < 0) continue;
      if (last === first) FLAGS[first] = entries[entry + ENTRY.flags]!;
      if (this.matches === MATCHES) return;
      this.first[this.matches] = first;
      this.last[this.matches] = last;
      this.entry[this.matches] = entry;
      this.matches++;
      this.useful ||= entries[entry + ENTRY.row]! >= 0 || entries[entry + ENTRY.serviceCount]! > 0;
    }
  }
}
