import { defineWarnings } from '../../core/base/runtime/warnings.js';
import type { Unread } from '../../core/model/report.js';
import type { Audit, DumpFormat } from '../memory/types.js';
import { rawDump } from '../others/raw/raw.js';
import { ownersIn } from './graph/owners.js';
import { JsonBalance } from './json-balance.js';

const CLOSE = 0x5d;
/** Bytes before the first array of rows; V8 writes 1 KiB. */
const MAX_HEAD = 2 ** 16;
/** Bytes between two arrays: a comma, a key and a colon. */
const MAX_KEY = 256;
const DIGIT = /\d/;
const ARRAY = /"(nodes|edges)"\s*:\s*\[/;

/** The array of one kind of rows. */
interface Rows {
  key: 'nodes' | 'edges';
  /** Rows that the head promises, and numbers in each. */
  promised: number;
  width: number;
  /** File offset of its first number. */
  start: number;
}

/**
 * Compares a heap snapshot of V8 with its head: the numbers of nodes and edges are counted, and its JSON text
 * must come to its end. Strings are last and have no count.
 */
class SnapshotAudit implements Audit {
  readonly #end = new JsonEnd(/[["]\s*\]\s*\}\s*$/);
  readonly #commas = new Commas();
  /** No number was seen in the array that is being counted. */
  #isEmpty = true;
  readonly #lacking: Unread[] = [];
  readonly #counted = new Set<string>();
  /** Text between two arrays, or before the first. */
  #text = '';
  #head: string | undefined;
  /** The array that is being counted. */
  #rows: Rows | undefined;
  /** False if all arrays were counted, or the next was not found. */
  #counts = true;
  /** Offset of the next byte. */
  #offset = 0;

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.#counts)
      at = this.#rows === undefined ? this.#words(bytes, at) : this.#numbers(bytes, at, this.#rows);
    this.#offset += bytes.length;
    this.#end.push(bytes);
  }

  end(): Unread[] {
    if (!this.#end.isReached) {
      const reason = 'the heap snapshot is cut: its JSON text does not come to its end';
      return [...this.#lacking, { offset: this.#offset, length: null, reason }];
    }
    if (this.#counted.size === 2) return this.#lacking;
    const reason = 'the heap snapshot is damaged: it has no arrays of nodes and edges as V8 writes them';
    return [...this.#lacking, { offset: 0, length: this.#offset, reason }];
  }

  /** Reads text up to the next array of rows. Returns the index behind its bracket. */
  #words(bytes: Uint8Array, at: number): number {
    const known = this.#text.length;
    const room = (this.#head === undefined ? MAX_HEAD : MAX_KEY) - known;
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(room, bytes.length - at));
    this.#text += piece.toString('latin1');
    const found = ARRAY.exec(this.#text);
    if (found === null) {
      this.#counts = piece.length < room;
      return at + piece.length;
    }
    this.#head ??= this.#text.slice(0, found.index);
    this.#text = '';
    const next = at + found.index + found[0].length - known;
    this.#rows = promisedRows(this.#head, found[1] as Rows['key'], this.#offset + next);
    return next;
  }

  /** Counts numbers up to the end of their array. Returns the index behind it. */
  #numbers(bytes: Uint8Array, at: number, rows: Rows): number {
    // A Buffer's search is native, and ten times as fast as that of its class.
    const close = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(CLOSE, at);
    const end = close < 0 ? bytes.length : close;
    this.#isEmpty &&= !DIGIT.test(
      Buffer.from(bytes.subarray(at, Math.min(end, at + MAX_KEY))).toString('latin1'),
    );
    this.#commas.push(bytes, at, end);
    if (close < 0) return end;
    this.#compare(rows, this.#offset + end);
    return end + 1;
  }

  #compare({ key, promised, width, start }: Rows, end: number): void {
    const { count } = this.#commas;
    const numbers = this.#isEmpty ? 0 : count + 1;
    this.#commas.count = 0;
    this.#isEmpty = true;
    this.#rows = undefined;
    this.#counted.add(key);
    this.#counts = this.#counted.size < 2;
    if (numbers === promised * width) return;
    const there = `"${key}" has ${numbers} numbers`;
    const reason = `the heap snapshot is damaged: its head promises ${promised} times ${width}, ${there}`;
    this.#lacking.push({ offset: start, length: end - start, reason });
  }
}

/** Counts of the head; NaN if it has none. */
function promisedRows(head: string, key: Rows['key'], start: number): Rows {
  const kind = key === 'nodes' ? 'node' : 'edge';
  const promised = Number(new RegExp(`"${kind}_count"\\s*:\\s*(\\d{1,15})`).exec(head)?.[1]);
  return { key, promised, width: fieldsIn(head, kind), start };
}

/** Number of fields of a kind; NaN if the head has no list. One search: a hostile head has many starts. */
function fieldsIn(head: string, kind: string): number {
  const list = new RegExp(`"${kind}_fields"\\s*:\\s*\\[`).exec(head);
  if (list === null) return Number.NaN;
  const from = list.index + list[0].length;
  const end = head.indexOf(']', from);
  return end < 0 ? Number.NaN : head.slice(from, end).split(',').length;
}

/** Bytes of the end that are looked at. */
const TAIL = 256;

/** Whether a JSON text, read in file order, comes to its end. */
class JsonEnd {
  readonly #pattern: RegExp;
  #tail = Buffer.alloc(0);

  /** `pattern`: how such a text ends. A quote that it begins with must not be part of a string. */
  constructor(pattern: RegExp) {
    this.#pattern = pattern;
  }

  push(bytes: Uint8Array): void {
    this.#tail = Buffer.concat([this.#tail, bytes.subarray(-TAIL)]).subarray(-TAIL);
  }

  get isReached(): boolean {
    const text = this.#tail.toString('latin1');
    const at = text.search(this.#pattern);
    if (at < 0) return false;
    // A quote behind an odd number of backslashes is part of a string.
    const escapes = /\\*$/.exec(text.slice(0, at))![0].length;
    return escapes % 2 === 0;
  }
}

const COMMA = 0x2c;
const COMMAS = 0x2c2c2c2c;
const LOW_BITS = 0x7f7f7f7f;
/** Words after which the counts of 8 bits in a lane could overflow. */
const LANE = 255;

/** Counts commas, four bytes at a time: heap snapshots have gigabytes of numbers. */
class Commas {
  count = 0;

  push(bytes: Uint8Array, from: number, to: number): void {
    const toWord = (4 - ((bytes.byteOffset + from) % 4)) % 4;
    const start = Math.min(to, from + toWord);
    const length = (to - start) >> 2;
    this.#pushBytes(bytes, from, start);
    if (length > 0) {
      const words = new Uint32Array(bytes.buffer, bytes.byteOffset + start, length);
      for (let first = 0; first < length; first += LANE)
        this.count += inWords(words, first, Math.min(length, first + LANE));
    }
    this.#pushBytes(bytes, start + 4 * length, to);
  }

  #pushBytes(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) if (bytes[at] === COMMA) this.count++;
  }
}

/** Commas in at most {@link LANE} words: one counter for each of the four bytes of a word. */
function inWords(words: Uint32Array, from: number, to: number): number {
  let lanes = 0;
  for (let i = from; i < to; i++) {
    const word = words[i]! ^ COMMAS;
    // The top bit of each byte that is 0 (Hacker's Delight, section 6-1).
    const zeros = ~(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS);
    lanes = (lanes + (zeros >>> 7)) | 0;
  }
  return (lanes & 0xff) + ((lanes >>> 8) & 0xff) + ((lanes >>> 16) & 0xff) + (lanes >>> 24);
}

const LONGEST_START = 512;

/** A dump of V8 as JSON, whose bytes are swept as any text. */
const json = (name: string, start: RegExp, audit: () => Audit): DumpFormat => ({
  name,
  probe: (head) =>
    start.test(
      Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, LONGEST_START)).toString('latin1'),
    ),
  open: () => ({ ...rawDump(), textStart }),
  audit,
  streaming: { segmented: false, prefetch: () => [] },
  warnings: defineWarnings({}),
});

/** Heap snapshot (`v8.writeHeapSnapshot()`, DevTools), as V8's HeapSnapshotJSONSerializer begins it. */
export const heapSnapshot: DumpFormat = {
  ...json(
    'v8-heap-snapshot',
    /^\s{0,64}\{\s{0,64}"snapshot"\s{0,64}:\s{0,64}\{\s{0,64}"meta"/,
    () => new SnapshotAudit(),
  ),
  writtenBy: 'node',
  leavesOut: 'contents of buffers, external strings, native memory',
  streaming: { segmented: false, prefetch: () => [], owners: true },
  open: (reader) => ({
    ...rawDump(),
    textStart,
    owners: (runs, mayName) => ownersIn(reader, runs, mayName),
  }),
};

/** Sampling heap profile (`node --heap-prof`, DevTools): names of functions and scripts, no memory. */
export const heapProfile: DumpFormat = {
  ...json(
    'v8-heap-profile',
    /^\s{0,64}\{\s{0,64}"head"\s{0,64}:\s{0,64}\{\s{0,64}"callFrame"/,
    () => new JsonBalance('the heap profile'),
  ),
  insteadOfCopy: 'it has names and sizes only: take a heap snapshot of the process',
};

const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/**
 * Index behind the quote before bytes[at] that begins a JSON string; 0 if there is none. Quotes within a
 * string have a backslash.
 */
export function textStart(bytes: Uint8Array, at: number): number {
  for (let quote = at - 1; quote >= 0; quote--) {
    if (bytes[quote] !== QUOTE) continue;
    let first = quote;
    while (bytes[first - 1] === BACKSLASH) first--;
    if ((quote - first) % 2 === 0) return quote + 1;
    quote = first;
  }
  return 0;
}
