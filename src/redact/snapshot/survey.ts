import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { Extent } from '../../core/model/report.js';
import { TEXT_FILL } from '../core/fill.js';
import { hashedName } from '../core/names.js';
import type { HeapFacts } from '../core/planner.js';
import { refusals } from '../core/refusals.js';
import { readMeta, type SnapshotMeta } from './meta.js';
import {
  Bits,
  INVALID,
  isSpace,
  Names,
  NumberSection,
  type Section,
  StringSection,
  type StringVisitor,
} from './sections.js';

/** Length of the value of "snapshot"; V8 writes 1 KiB. */
const MAX_META = 2 ** 16;
const MAX_KEY = 40;
const [QUOTE, COLON, COMMA, OPEN, CLOSE] = [0x22, 0x3a, 0x2c, 0x7b, 0x7d];

type Pause = () => Promise<void>;

/** Arrays of numbers, by their names, and the rows that have names of strings. */
const NUMBERS: Readonly<Record<string, ((meta: SnapshotMeta) => SnapshotMeta['nodes']) | undefined>> = {
  nodes: ({ nodes }) => nodes,
  edges: ({ edges }) => edges,
  trace_function_infos: ({ functions }) => functions,
  trace_tree: undefined,
  samples: undefined,
  locations: undefined,
};

/**
 * Reads a whole snapshot and says of each string if it stays. Throws if there is anything that V8 does not
 * write: what stays must be known.
 */
export class SnapshotSurvey {
  readonly heap: HeapFacts = { objects: 0, texts: 0, filledTexts: 0, damaged: 0 };
  /** The array of strings. */
  strings: Extent = { offset: 0, length: 0 };
  /** Strings that stay. */
  readonly kept = new Bits();
  /** Strings that another text replaces. */
  readonly replaced = new Bits();
  readonly #names = new Names();
  readonly #chunks: Chunks;
  readonly #hashPaths: boolean;

  private constructor(reader: ByteReader, hashPaths: boolean) {
    this.#chunks = new Chunks(reader);
    this.#hashPaths = hashPaths;
  }

  static async of(reader: ByteReader, hashPaths: boolean, pause: Pause): Promise<SnapshotSurvey> {
    const survey = new SnapshotSurvey(reader, hashPaths);
    if (!(await survey.#read(pause))) throw refusals.snapshotForm(survey.#chunks.offset);
    return survey;
  }

  async #read(pause: Pause): Promise<boolean> {
    const chunks = this.#chunks;
    if (chunks.nextToken() !== OPEN || this.#key() !== 'snapshot') return false;
    const meta = readMeta(this.#object());
    if (meta === undefined) return false;
    const counts = new Map<string, number>();
    for (let byte = chunks.nextToken(); byte !== CLOSE; byte = chunks.nextToken()) {
      const key = byte === COMMA ? this.#key() : '';
      // V8 writes strings last: by then it is known which are names.
      if (counts.has(key) || counts.has('strings')) return false;
      const count = key === 'strings' ? await this.#strings(pause) : await this.#numbers(key, meta, pause);
      if (count < 0) return false;
      counts.set(key, count);
    }
    this.heap.objects = meta.nodeCount;
    const isWhole =
      counts.get('nodes') === meta.nodeCount * meta.nodes.width &&
      counts.get('edges') === meta.edgeCount * meta.edges.width &&
      this.#names.isValid &&
      this.#names.used.last < (counts.get('strings') ?? 0);
    return isWhole && chunks.nextToken() === -1;
  }

  /** A key and its colon; empty if there is none. */
  #key(): string {
    if (this.#chunks.nextToken() !== QUOTE) return '';
    let key = '';
    for (let byte = this.#chunks.next(); byte !== QUOTE; byte = this.#chunks.next()) {
      if (byte < 0 || key.length === MAX_KEY) return '';
      key += String.fromCharCode(byte);
    }
    return this.#chunks.nextToken() === COLON ? key : '';
  }

  /** The text of an object whose strings have no brackets and escapes, as of V8's fields. */
  #object(): string {
    const bytes: number[] = [];
    let depth = 0;
    for (
      let byte = this.#chunks.nextToken();
      byte >= 0 && bytes.length < MAX_META;
      byte = this.#chunks.next()
    ) {
      bytes.push(byte);
      if (byte === OPEN) depth++;
      else if (byte === CLOSE) depth--;
      if (depth === 0) break;
    }
    return Buffer.from(bytes).toString('latin1');
  }

  /** How many numbers an array has; -1 if it is not as V8 writes it. */
  async #numbers(key: string, meta: SnapshotMeta, pause: Pause): Promise<number> {
    if (!Object.hasOwn(NUMBERS, key)) return -1;
    const section = new NumberSection(this.#names, NUMBERS[key]?.(meta));
    return (await this.#chunks.section(section, pause)) ? section.count : -1;
  }

  async #strings(pause: Pause): Promise<number> {
    const offset = this.#chunks.offset;
    const section = new StringSection(this.#visitor());
    if (!(await this.#chunks.section(section, pause))) return -1;
    this.strings = { offset, length: this.#chunks.offset - offset };
    return section.count;
  }

  /** Notes of each string if it stays, by its use and its first bytes. */
  #visitor(): StringVisitor {
    const head = Buffer.alloc(HEAD);
    const { heap, kept, replaced } = this;
    let number = 0;
    let length = 0;
    return {
      begin(count) {
        number = count;
        length = 0;
      },
      piece: (from, to) => {
        if (length < HEAD) head.set(this.#chunks.bytes(from, Math.min(to, from + HEAD - length)), length);
        length += to - from;
      },
      end: () => {
        heap.texts++;
        const isName = this.#names.used.has(number);
        const text = isName || length <= HEAD ? head.toString('latin1', 0, Math.min(length, HEAD)) : '';
        if (!isName && (length > HEAD || !isLabel(text))) {
          heap.filledTexts++;
          return;
        }
        kept.add(number);
        if (isEntry(text) || (this.#hashPaths && isPath(text))) replaced.add(number);
      },
    };
  }
}

const CHUNK = 2 ** 20;

/** A file in order, one chunk at a time. */
class Chunks {
  readonly #reader: ByteReader;
  readonly #buffer: Uint8Array;
  #bytes: Uint8Array = new Uint8Array();
  /** Offset of the first byte of the chunk. */
  #base = 0;
  #at = 0;

  constructor(reader: ByteReader) {
    this.#reader = reader;
    this.#buffer = new Uint8Array(Math.min(CHUNK, reader.length));
  }

  /** Offset of the next byte. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** Bytes of the chunk. */
  bytes(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, to);
  }

  /** The next byte; -1 at the end. */
  next(): number {
    if (this.#at === this.#bytes.length && !this.#more()) return -1;
    return this.#bytes[this.#at++]!;
  }

  /** The next byte that is no space; -1 at the end. */
  nextToken(): number {
    let byte = this.next();
    while (isSpace(byte)) byte = this.next();
    return byte;
  }

  /** Reads a part. False if it is not as V8 writes it, or ends with the file. */
  async section(section: Section, pause: () => Promise<void>): Promise<boolean> {
    for (;;) {
      const end = section.feed(this.#bytes, this.#at);
      if (end === INVALID) return false;
      if (end >= 0) {
        this.#at = end;
        return true;
      }
      this.#at = this.#bytes.length;
      if (!this.#more()) return false;
      await pause();
    }
  }

  #more(): boolean {
    this.#base += this.#bytes.length;
    this.#at = 0;
    this.#bytes = this.#buffer.subarray(0, this.#reader.read(this.#base, this.#buffer));
    return this.#bytes.length > 0;
  }
}

/** What V8 writes in place of a value: its own words, whichever the value is. */
const LABELS: ReadonlySet<string> = new Set([
  ...['', '<dummy>', 'heap number', 'smi number', 'bigint', 'symbol', 'private symbol'],
  ...['(concatenated string)', '(sliced string)', '(external string)', '(internalized string)'],
]);

/** Bytes of a string that decide whether it is a label or an entry. */
const HEAD = 64;
/** Longer names are filled; V8 cuts them at 1,024 characters, each of at most 6 bytes. */
export const LONGEST = 8192;

const isLabel = (text: string): boolean => LABELS.has(text);

/**
 * Names of edges of WeakMaps contain the text of keys and values (V8ExplorerHeap::ExtractEphemeronHashTable
 * References).
 */
const ENTRY_START = /^\d{1,10} \/ part of key \(/;
const ENTRY_MIDDLE = / @\d{1,10}\) -> value \(/;
const ENTRY_END = / @\d{1,10}\) pair in WeakMap \(table @\d{1,10}\)$/;

/** Absolute paths and URLs. */
const PATH = /^(?:\/|[A-Za-z]:[\\/]|[a-z][a-z0-9+.-]{0,15}:\/\/)/;

const isEntry = (head: string): boolean => ENTRY_START.test(head);
const isPath = (head: string): boolean => PATH.test(head);

/** An entry of a WeakMap without its key and value, of the same length. */
function entryWithoutTexts(text: string): string {
  const start = ENTRY_START.exec(text)?.[0].length ?? 0;
  const middle = ENTRY_MIDDLE.exec(text);
  const end = ENTRY_END.exec(text);
  const stars = (from: number, to: number) => String.fromCharCode(TEXT_FILL).repeat(to - from);
  if (middle === null || end === null || middle.index + middle[0].length > end.index)
    return text.slice(0, start) + stars(start, text.length);
  const value = middle.index + middle[0].length;
  return text.slice(0, start) + stars(start, middle.index) + middle[0] + stars(value, end.index) + end[0];
}

/** What takes the place of a name that may not stay as it is: an entry of a WeakMap, or a path. */
export function otherName(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  return isEntry(text) ? Buffer.from(entryWithoutTexts(text), 'latin1') : hashedName(bytes);
}
