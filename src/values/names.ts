import { ENTRY, FLAG, ROW, ROW_FLAG, type Tables } from './tables.js';
import { isTrailing, words } from './words.js';

/** What a name is worth: its generic row, and words that say that its value is no secret. */

class NameFound {
  /** Place of the row in `rows`, or -1. */
  row = -1;
  /** First and last word of the match. */
  first = 0;
  last = 0;
}

export const nameFound = new NameFound();

/** The first word at or after `from`, and the last one that ends at or before `to`. */
export const firstWord = (from: number): number => {
  let word = 0;
  while (word < words.count && words.start[word]! < from) word++;
  return word;
};
export const lastWord = (to: number): number => {
  let word = words.count - 1;
  while (word >= 0 && words.end[word]! > to) word--;
  return word;
};

/** Characters of a word, on average, and words of a name that is tested: random text has shorter ones. */
const LEAST = { length: 2.5, words: 5 };

/** True if the words [from, to] are those of random text. */
function isRandom(from: number, to: number): boolean {
  const count = to - from + 1;
  return count >= LEAST.words && words.end[to]! - words.start[from]! < LEAST.length * count;
}

/** Words that a name in prose may begin before its last one: `api key: …`. */
const PROSE = 2;

/** First word of the phrase before `first`: single blanks between words. */
function phraseStart(text: Uint8Array, first: number): number {
  let start = first;
  while (
    start > 0 &&
    first - start < PROSE &&
    words.start[start]! - words.end[start - 1]! === 1 &&
    text[words.end[start - 1]!] === 0x20
  )
    start--;
  return start;
}

/** True if other words precede the word `first` as in a sentence. */
export const isInPhrase = (text: Uint8Array, first: number): boolean => phraseStart(text, first) < first;

/** True if some word of the row's `not` is in the words. */
function isExcluded(tables: Tables, row: number, from: number, to: number): boolean {
  const { rows, lists } = tables;
  const count = rows[row + ROW.notCount]!;
  if (count === 0) return false;
  const first = rows[row + ROW.not]!;
  for (let match = 0; match < words.matches; match++) {
    if (words.first[match]! < from || words.last[match]! > to) continue;
    const entry = words.entry[match]! / ENTRY.size;
    for (let i = first; i < first + count; i++) if (lists[i] === entry) return true;
  }
  return false;
}

/** Rank of a row: more words first, then signing secrets, then the later one. */
const rankOf = ({ rows }: Tables, row: number, last: number): number =>
  rows[row + ROW.words]! * 1024 + ((rows[row + ROW.flags]! & ROW_FLAG.signing) !== 0 ? 512 : 0) + last;

/** Last word of a name, without numbers and words such as `prod`. */
function lastOfName(text: Uint8Array, from: number, to: number): number {
  let last = to;
  while (last > from && isTrailing(text, last)) last--;
  return last;
}

/**
 * Finds the best row for the name of the words [from, to] in {@link nameFound}; `prose`: its words may begin
 * before. False if there is none.
 */
export function findRow(text: Uint8Array, from: number, to: number, prose: boolean, tables: Tables): boolean {
  const { entries, rows } = tables;
  nameFound.row = -1;
  if (from > to || isRandom(from, to)) return false;
  const least = prose ? phraseStart(text, from) : from;
  const end = lastOfName(text, from, to);
  let best = -1;
  for (let match = 0; match < words.matches; match++) {
    const [first, last] = [words.first[match]!, words.last[match]!];
    if (first < least || last < from || last > to) continue;
    const index = entries[words.entry[match]! + ENTRY.row]!;
    if (index < 0) continue;
    const row = index * ROW.size;
    if (last < end && (rows[row + ROW.flags]! & ROW_FLAG.anywhere) === 0) continue;
    const rank = rankOf(tables, row, last);
    if (rank <= best || isExcluded(tables, row, from, to)) continue;
    best = rank;
    nameFound.row = row;
    nameFound.first = first;
    nameFound.last = last;
  }
  return best >= 0;
}

/** True if a service's name has the words [from, to] and more: `file io`. */
function isOfService(from: number, to: number, tables: Tables): boolean {
  const { entries } = tables;
  for (let match = 0; match < words.matches; match++) {
    const [first, last] = [words.first[match]!, words.last[match]!];
    if (first > from || last < to || last - first <= to - from) continue;
    if (entries[words.entry[match]! + ENTRY.serviceCount]! > 0) return true;
  }
  return false;
}

/** True if a word of [from, to], outside the words [first, last], says that the value is no secret. */
export function isVetoed(
  text: Uint8Array,
  from: number,
  to: number,
  first: number,
  last: number,
  tables: Tables,
): boolean {
  const { entries } = tables;
  const end = lastOfName(text, from, to);
  for (let match = 0; match < words.matches; match++) {
    const [begin, stop] = [words.first[match]!, words.last[match]!];
    if (begin < from || stop > to || (begin >= first && stop <= last)) continue;
    const flags = entries[words.entry[match]! + ENTRY.flags]!;
    const negative = (flags & FLAG.negative) !== 0 || ((flags & FLAG.namesAThing) !== 0 && stop >= end);
    if (negative && !isOfService(begin, stop, tables)) return true;
  }
  return false;
}

/** First and last word of the identifier that has the word: nothing but `_ - . $` between its words. */
export function startOfIdentifier(text: Uint8Array, word: number): number {
  let first = word;
  while (first > 0 && isInside(text, words.end[first - 1]!, words.start[first]!)) first--;
  return first;
}

export function endOfIdentifier(text: Uint8Array, word: number): number {
  let last = word;
  while (last + 1 < words.count && isInside(text, words.end[last]!, words.start[last + 1]!)) last++;
  return last;
}

function isInside(text: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = text[at]!;
    if (byte !== 0x5f && byte !== 0x2d && byte !== 0x2e && byte !== 0x24) return false;
  }
  return true;
}
