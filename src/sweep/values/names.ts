import { ENTRY, FLAG, ROW, ROW_FLAG, type Tables } from './tables.js';
import type { Words } from './words.js';

/** Characters of a word, on average, and words of a name that is tested: random text has shorter ones. */
const LEAST = { length: 2.5, words: 5 };

/** Words that a name in prose may begin before its last one: `api key: …`. */
const PROSE = 2;

/** Rank of a row: more words first, then signing secrets, then the later one. */
const rankOf = ({ rows }: Tables, row: number, last: number): number =>
  rows[row + ROW.words]! * 1024 + ((rows[row + ROW.flags]! & ROW_FLAG.signing) !== 0 ? 512 : 0) + last;

/** What a name is worth: its generic row, and words that say that its value is no secret. */
export class NameFinder {
  readonly #words: Words;
  /** Place of the row in `rows`, or -1. */
  row = -1;
  /** First and last word of the match. */
  first = 0;
  last = 0;

  constructor(words: Words) {
    this.#words = words;
  }

  /** The first word at or after `from`, and the last one that ends at or before `to`. */
  firstWord(from: number): number {
    let word = 0;
    while (word < this.#words.count && this.#words.start[word]! < from) word++;
    return word;
  }

  lastWord(to: number): number {
    let word = this.#words.count - 1;
    while (word >= 0 && this.#words.end[word]! > to) word--;
    return word;
  }

  /** True if the words [from, to] are those of random text. */
  #isRandom(from: number, to: number): boolean {
    const count = to - from + 1;
    return count >= LEAST.words && this.#words.end[to]! - this.#words.start[from]! < LEAST.length * count;
  }

  /** First word of the phrase before `first`: single blanks between words. */
  #phraseStart(text: Uint8Array, first: number): number {
    let start = first;
    while (
      start > 0 &&
      first - start < PROSE &&
      this.#words.start[start]! - this.#words.end[start - 1]! === 1 &&
      text[this.#words.end[start - 1]!] === 0x20
    )
      start--;
    return start;
  }

  /** True if other words precede the word `first` as in a sentence. */
  isInPhrase(text: Uint8Array, first: number): boolean {
    return this.#phraseStart(text, first) < first;
  }

  /** True if some word of the row's `not` is in the words. */
  #isExcluded(tables: Tables, row: number, from: number, to: number): boolean {
    const { rows, lists } = tables;
    const count = rows[row + ROW.notCount]!;
    if (count === 0) return false;
    const first = rows[row + ROW.not]!;
    for (let match = 0; match < this.#words.matches; match++) {
      if (this.#words.first[match]! < from || this.#words.last[match]! > to) continue;
      const entry = this.#words.entry[match]! / ENTRY.size;
      for (let i = first; i < first + count; i++) if (lists[i] === entry) return true;
    }
    return false;
  }

  /** Last word of a name, without numbers and words such as `prod`. */
  #lastOfName(text: Uint8Array, from: number, to: number): number {
    let last = to;
    while (last > from && this.#words.isTrailing(text, last)) last--;
    return last;
  }

  /**
   * Finds the best row for the name of the words [from, to] in {@link row}; `prose`: its words may begin
   * before. False if there is none.
   */
  findRow(text: Uint8Array, from: number, to: number, prose: boolean, tables: Tables): boolean {
    const { entries, rows } = tables;
    this.row = -1;
    if (from > to || this.#isRandom(from, to)) return false;
    const least = prose ? this.#phraseStart(text, from) : from;
    const end = this.#lastOfName(text, from, to);
    let best = -1;
    for (let match = 0; match < this.#words.matches; match++) {
      const [first, last] = [this.#words.first[match]!, this.#words.last[match]!];
      if (first < least || last < from || last > to) continue;
      const index = entries[this.#words.entry[match]! + ENTRY.row]!;
      if (index < 0) continue;
      const row = index * ROW.size;
      if (last < end && (rows[row + ROW.flags]! & ROW_FLAG.anywhere) === 0) continue;
      const rank = rankOf(tables, row, last);
      if (rank <= best || this.#isExcluded(tables, row, from, to)) continue;
      best = rank;
      this.row = row;
      this.first = first;
      this.last = last;
    }
    return best >= 0;
  }

  /** True if a service's name has the words [from, to] and more: `file io`. */
  #isOfService(from: number, to: number, tables: Tables): boolean {
    const { entries } = tables;
    for (let match = 0; match < this.#words.matches; match++) {
      const [first, last] = [this.#words.first[match]!, this.#words.last[match]!];
      if (first > from || last < to || last - first <= to - from) continue;
      if (entries[this.#words.entry[match]! + ENTRY.serviceCount]! > 0) return true;
    }
    return false;
  }

  /** True if a word of [from, to], outside the words [first, last], says that the value is no secret. */
  isVetoed(text: Uint8Array, from: number, to: number, first: number, last: number, tables: Tables): boolean {
    const { entries } = tables;
    const end = this.#lastOfName(text, from, to);
    for (let match = 0; match < this.#words.matches; match++) {
      const [begin, stop] = [this.#words.first[match]!, this.#words.last[match]!];
      if (begin < from || stop > to || (begin >= first && stop <= last)) continue;
      const flags = entries[this.#words.entry[match]! + ENTRY.flags]!;
      const negative = (flags & FLAG.negative) !== 0 || ((flags & FLAG.namesAThing) !== 0 && stop >= end);
      if (negative && !this.#isOfService(begin, stop, tables)) return true;
    }
    return false;
  }

  /** First and last word of the identifier that has the word: nothing but `_ - . $` between its words. */
  startOfIdentifier(text: Uint8Array, word: number): number {
    let first = word;
    while (first > 0 && isInside(text, this.#words.end[first - 1]!, this.#words.start[first]!)) first--;
    return first;
  }

  endOfIdentifier(text: Uint8Array, word: number): number {
    let last = word;
    while (
      last + 1 < this.#words.count &&
      isInside(text, this.#words.end[last]!, this.#words.start[last + 1]!)
    )
      last++;
    return last;
  }
}

function isInside(text: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = text[at]!;
    if (byte !== 0x5f && byte !== 0x2d && byte !== 0x2e && byte !== 0x24) return false;
  }
  return true;
}
