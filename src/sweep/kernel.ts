import { HitList } from './hits.js';
import { RecordList } from './runs/records.js';
import type { Net } from './types.js';

/**
 * What a fused kernel finds besides hits, from all calls since a list was cleared; undefined in other
 * kernels.
 */
export class RunLists {
  /** Runs of random-looking words, as word index (from `base`) and number of words. */
  readonly runs: HitList | undefined;
  /** Blocks that may be digits of a JavaScript big integer, in the same units. */
  readonly digits: HitList | undefined;
  /**
   * Base64url that may be a member of a JSON Web Key, unless it is decoded: offset (from `base`) and
   * characters.
   */
  readonly texts: HitList | undefined;
  /** Runs of characters that look random or are cut (values/value-run.ts), by offset from `base`. */
  readonly values: HitList | undefined;
  /** Records of the runs of characters that look random (src/detect/chance/value-record.ts). */
  readonly census: RecordList | undefined;

  constructor(fused = false) {
    if (!fused) return;
    [this.runs, this.digits, this.texts] = [new HitList(), new HitList(), new HitList()];
    this.values = new HitList();
    this.census = new RecordList();
  }
}

/**
 * A swept chunk: bytes in the window, and the offset of the first one in the task (`base`) and in the file.
 */
export interface Chunk {
  length: number;
  base: number;
  offset: number;
}

/** A matcher with one window that bytes are read into; each thread has its own. */
export interface SweepKernel extends RunLists {
  /** Zeros alone have neither hits nor runs with this net. */
  readonly skipsZeros: boolean;
  /** Selects the net of the next scans. */
  load(net: Net): void;
  /** Whether the next scans find values and hits of prefixes, if the net has any. Only in fused kernels. */
  findValues(on: boolean): void;
  /** Memory for `size` bytes; a view is valid until the next call of `window` or `load`. */
  window(size: number): Uint8Array;
  /**
   * Adds each exact hit that starts in the window's bytes [from, to) and ends at or before `end` once, in no
   * order. Offsets are those in the window plus `base`. `from` is a multiple of 64.
   */
  scan(from: number, to: number, end: number, base: number, hits: HitList): void;
  /**
   * Extracts the numbers of packed runs in a chunk at the start of the window, with the bytes of the runs if
   * it `keep`s them. Returns the runs that it leaves, valid until the next call: those that touch a cut, or
   * whose surroundings are not in the window, are read again once the chunks are joined. So are adjacent
   * runs: a chunk with too many hits was swept in halves, and they are parts of one.
   */
  extractRuns(packed: Float64Array, chunk: Chunk, into: RecordList, keep: boolean): Float64Array;
  /**
   * The numbers of texts that the next scans find go into a list, at file offsets; `origin`: that of the base
   * of a scan. Without a list, the texts are returned.
   */
  decodeTexts(origin: number, into: RecordList | undefined): void;
  /** Overwrites bytes of windows, and the patterns of a net of needles, which are secrets. */
  wipe(): void;
  /** The 8 bytes before the window: the class of a chunk's first word depends on the word before it. */
  preceding(): Uint8Array;
}
