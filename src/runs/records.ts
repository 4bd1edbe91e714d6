/**
 * What the extractor found, as records one after the other in file order: plain bytes that a worker can hand over.
 *
 *     f64 offset in the file, u8 kind, u8 detail, u16 sum of a window's words or kind of the word before a number, u32 size, then a payload in whole words of 8 bytes
 *
 * Of a run, the payload is its words (f64) and `size` bytes that are kept of it, and the detail {@link BODY} where no number was looked for.
 */

/** The kernel's kinds (kernel/records.as.ts), and the run that the records behind it come from. */
const KINDS = [
  'none',
  'window',
  'number',
  'long',
  'point',
  'digits',
  'run',
  'anyLength',
  'adjacentNpq',
] as const;
type Kind = Exclude<(typeof KINDS)[number], 'none'>;

/** Detail of a run that is long and does not begin as an object does. */
const BODY = 1;

/** Bits of a window's detail that tell its reading. */
export const READING = 3;
/** Detail of a window inside a run. */
export const INNER = 0x80;
/** Of one at an end of its run, behind a small integer or zeros. */
export const HEADED = 0x10;
/** Of what stands behind a header of just such an object: a window, or a number of a curve's size. */
export const FITTED = 0x40;
/** Of one that has a run to itself, at any byte or of a length that few have. */
export const OWN = 0x20;

const HEADER = 16;

/** What is kept of most runs in a flood of them. */
const NONE = new Uint8Array(0);

/** Bytes of a record's payload, by its size. */
const payloads: { [K in Kind]: (size: number) => number } = {
  window: () => 8,
  number: (size) => size,
  long: (size) => size,
  point: (size) => Math.ceil((2 * size) / 8) * 8,
  digits: () => 0,
  run: (size) => 8 + size,
  anyLength: () => 8,
  adjacentNpq: () => 0,
};

/** A record under the cursor. */
export interface NumberRecord {
  /** File offset of the first byte that it is about. */
  offset: number;
  /** `window`, `long`: the reading's index (src/search/core/integer-encodings.ts), for `long` above two bits; `window` with {@link INNER} where it touches no end of its run, {@link HEADED}, {@link OWN} or {@link FITTED}; `number`, and those bits: 1 where a scalar may be, 2 where that is likely, 4 (`number` alone) where an array of 32-bit integers begins, {@link FITTED}; `digits`: the form; `odd`: the reading, and above {@link READING} the bytes that the number has less than its words; `packed`: the reading. */
  detail: number;
  /** Of a window: differs where two that end with one word do, but for one in 65,536. `number`, `long`: what the word before it is, a count or the upper half of an address; 0 where it is neither. */
  sum: number;
  /** `window`: words; `number`, `long`, `point`: octets (of a coordinate); `packed`: octets of n; `digits`: how many; `odd`: bits. */
  size: number;
  /** All records, as bytes and as words of 32 bits, and the payload's place in the bytes: a multiple of 8. */
  bytes: Buffer;
  words: Uint32Array;
  at: number;
}

/** What is done with each kind. `kept`: a view of the bytes of a run that came with it, part by part (src/runs/extractor.ts, `run`); of many none. */
export type Takers = { [K in Exclude<Kind, 'run'>]: (record: NumberRecord) => void } & {
  run(offset: number, words: number, body: boolean, kept: Uint8Array): void;
};

/** Reads records, run by run. */
export class RecordReader {
  readonly #bytes: Buffer;
  readonly #doubles: Float64Array;
  readonly #words: Uint32Array;
  #at = 0;

  constructor(records: ArrayBuffer) {
    this.#bytes = Buffer.from(records);
    this.#doubles = new Float64Array(records);
    this.#words = new Uint32Array(records);
  }

  /** Takes the runs that begin before `limit`. */
  takeTo(limit: number, takers: Takers): void {
    const record = { offset: 0, detail: 0, sum: 0, size: 0, bytes: this.#bytes, words: this.#words, at: 0 };
    while (this.#at < this.#bytes.length) {
      const offset = this.#doubles[this.#at / 8]!;
      const kind = KINDS[this.#bytes[this.#at + 8]!] as Kind;
      if (kind === 'run' && offset >= limit) return;
      record.offset = offset;
      record.detail = this.#bytes[this.#at + 9]!;
      record.sum = this.#words[this.#at / 4 + 2]! >>> 16;
      record.size = this.#words[this.#at / 4 + 3]!;
      record.at = this.#at + HEADER;
      this.#at = record.at + payloads[kind](record.size);
      if (kind === 'run') {
        const kept = record.size === 0 ? NONE : this.#bytes.subarray(record.at + 8, this.#at);
        takers.run(offset, this.#doubles[record.at / 8]!, record.detail === BODY, kept);
      } else takers[kind](record);
    }
  }
}

/** Records that grow. */
export class RecordList {
  #bytes = Buffer.alloc(1 << 16);
  #length = 0;
  /** Where the record of the last run begins, and how many bytes of it are kept. */
  #run = 0;
  #runKept = 0;
  /** Bytes that are kept of all runs in it. */
  kept = 0;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
    this.kept = 0;
  }

  /** A run: what is appended next is about it. */
  open(offset: number, words: number, body = false): void {
    this.#reserve(HEADER + 8);
    const at = this.#length;
    this.#run = at;
    this.#runKept = 0;
    this.#bytes.writeDoubleLE(offset, at);
    this.#bytes.writeUInt32LE(KINDS.indexOf('run') | (body ? BODY << 8 : 0), at + 8);
    this.#bytes.writeUInt32LE(0, at + 12);
    this.#bytes.writeDoubleLE(words, at + HEADER);
    this.#length += HEADER + 8;
  }

  /** Bytes of the run that was just opened, in whole words. */
  keep(bytes: Uint8Array): void {
    this.append(bytes);
    this.kept += bytes.length;
    this.#runKept += bytes.length;
    this.#bytes.writeUInt32LE(this.#runKept, this.#run + 12);
  }

  append(records: Uint8Array): void {
    this.#reserve(records.length);
    this.#bytes.set(records, this.#length);
    this.#length += records.length;
  }

  /** Drops the run that was opened last, with all that is about it. */
  dropRun(): void {
    this.#length = this.#run;
    this.kept -= this.#runKept;
    this.#runKept = 0;
  }

  /** A copy of its own buffer. */
  finish(): ArrayBuffer {
    const copy = new Uint8Array(this.#length);
    copy.set(this.#bytes.subarray(0, this.#length));
    return copy.buffer;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(2 * this.#bytes.length, this.#length + more));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
