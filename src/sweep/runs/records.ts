/**
 * Records of the extractor in file order, as plain bytes that a worker can transfer:
 *
 *     f64 file offset
 *     u8  kind
 *     u8  detail
 *     u16 sum of a window's words, or kind of the word before a number
 *     u32 size
 *     payload in whole words of 8 bytes
 *
 * A run precedes its records. Its payload is its words (f64) and `size` of its bytes; its detail is {@link
 * BODY} if no number is extracted from it.
 */

/** The kernel's kinds (kernel/records.as.ts), and `run`. */
const KINDS = ['none', 'window', 'number', 'long', 'point', 'digits', 'run', 'anyLength'] as const;
type Kind = Exclude<(typeof KINDS)[number], 'none'>;

/** Detail of a long run that does not begin as an object does. */
const BODY = 1;

/** Bits of a window's detail with its encoding. */
export const ENCODING_BITS = 3;
/** A window inside its run. */
export const INNER = 0x80;
/** A window at an end of its run, behind a small integer or zeros. */
export const HEADED = 0x10;
/** A window or a number of a curve's size, behind the header of an object of exactly its length. */
export const FITTED = 0x40;
/** A window that fills its run, at any byte or of an unusual length. */
export const OWN = 0x20;

const HEADER = 16;

const NONE = new Uint8Array(0);

/** Bytes of a record's payload by its size. */
const payloads: { [K in Kind]: (size: number) => number } = {
  window: () => 8,
  number: (size) => size,
  long: (size) => size,
  point: (size) => Math.ceil((2 * size) / 8) * 8,
  digits: () => 0,
  run: (size) => 8 + size,
  anyLength: () => 8,
};

/** The record at the cursor. Indices of encodings are those of src/search/core/integer-encodings.ts. */
export interface NumberRecord {
  /** File offset of its first byte. */
  offset: number;
  /**
   * - `window`: encoding ({@link ENCODING_BITS}) and {@link INNER}, {@link HEADED}, {@link OWN} or {@link
   * FITTED}.
   * - `number`: 1 possibly a scalar, 2 likely one, 4 the start of an array of 32-bit integers, {@link
   *   FITTED}.
   * - `long`: the bits of `number` but 4, and above two bits the encoding.
   * - `digits`: the form.
   * - `anyLength`: encoding, and above {@link ENCODING_BITS} the bytes that its last word lacks.
   */
  detail: number;
  /**
   * `window`: checksum that distinguishes windows with the same last word. `number`, `long`: kind of the word
   * before it, a count or the upper half of an address; 0 if neither.
   */
  sum: number;
  /**
   * `window`: words; `number`, `long`, `point`: octets (of a coordinate); `digits`: their number;
   * `anyLength`: bits.
   */
  size: number;
  /**
   * All records, as bytes and as 32-bit words, and the index of the payload in the bytes, a multiple of 8.
   */
  bytes: Buffer;
  words: Uint32Array;
  at: number;
}

/**
 * Handlers by kind. `kept`: a view of the bytes that came with a run, part by part
 * (src/sweep/runs/extractor.ts, `run`); often none.
 */
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

  /** File offset of the next record; undefined at the end. */
  get next(): number | undefined {
    return this.#at < this.#bytes.length ? this.#doubles[this.#at / 8] : undefined;
  }

  /** Passes the runs that begin before `limit` to their handlers. */
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

/** A growing list of records. */
export class RecordList {
  #bytes = Buffer.alloc(1 << 16);
  #length = 0;
  /** Index of the last run's record, and how many of its bytes are kept. */
  #run = 0;
  #runKept = 0;
  /** Bytes kept of all runs. */
  kept = 0;
  #used = false;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#used ||= this.#length > 0;
    this.#length = 0;
    this.kept = 0;
  }

  /** Clears it, and overwrites what it has held. */
  wipe(): void {
    this.clear();
    if (this.#used) this.#bytes.fill(0);
    this.#used = false;
  }

  /** Starts a run; records appended next are of it. */
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

  /** Adds bytes, in whole words, of the run just opened. */
  keep(bytes: Uint8Array): void {
    this.append(bytes);
    this.kept += bytes.length;
    this.#runKept += bytes.length;
    this.#bytes.writeUInt32LE(this.#runKept, this.#run + 12);
  }

  /** Adds runs with their records, of which `kept` bytes are of the runs. */
  appendRuns(records: Uint8Array, kept: number): void {
    this.append(records);
    this.kept += kept;
  }

  append(records: Uint8Array): void {
    this.#reserve(records.length);
    this.#bytes.set(records, this.#length);
    this.#length += records.length;
  }

  /** Drops the last run with its records. */
  dropRun(): void {
    this.#length = this.#run;
    this.kept -= this.#runKept;
    this.#runKept = 0;
  }

  /** A copy. */
  finish(): ArrayBuffer {
    const copy = new Uint8Array(this.#length);
    copy.set(this.#bytes.subarray(0, this.#length));
    return copy.buffer;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(2 * this.#bytes.length, this.#length + more));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes.fill(0);
    this.#bytes = larger;
  }
}
