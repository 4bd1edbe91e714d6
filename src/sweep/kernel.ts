import type { RecordList } from '../runs/records.js';
import type { HitList } from './hits.js';
import type { Net } from './types.js';

/** A matcher with a window that bytes are read into. One at a time; each thread has its own. */
export interface Kernel {
  /** The net that the next scans look for. */
  load(net: Net): void;
  /** Memory for `size` bytes; a view is good until the next call of `window` or `load`. */
  window(size: number): Uint8Array;
  /**
   * Adds the exact hits that start in the window's bytes [from, to) and end at `end` or before, at their place in the window
   * plus `base`. In no order; each once. `from` is a multiple of 64.
   */
  scan(from: number, to: number, end: number, base: number, hits: HitList): void;
  /** Of kernels with the entropy net: the runs of the last scan, as word index (from `base`) and number of words. */
  readonly runs?: HitList | undefined;
  /** The same of what may be digits of a JavaScript big integer. */
  readonly digits?: HitList | undefined;
  /** And of base64url that may be a member of a JSON Web Key: offset (from `base`) and characters. */
  readonly texts?: HitList | undefined;
  /** Of kernels with the entropy net in WebAssembly: the numbers of a run at `at` of the window, which is at `offset` of the file. */
  extract?(at: number, words: number, offset: number, into: RecordList, keep: boolean): void;
  /** The 8 bytes before the window: what the entropy net must know of the word before a chunk. */
  behind(): Uint8Array;
}
