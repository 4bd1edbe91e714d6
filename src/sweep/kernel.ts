import type { HitList } from './hits.js';
import type { Net } from './types.js';

/** A matcher with a window that bytes are read into. One at a time; each thread has its own. */
export interface Kernel {
  /** The net that the next scans look for. */
  load(net: Net): void;
  /** Memory for `size` bytes; a view is good until the next call of `window` or `load`. */
  window(size: number): Uint8Array;
  /**
   * Adds the exact hits that start in the window's first `length` bytes and end at most `margin` bytes after them,
   * at offsets counted from `base` on. In no order; each once.
   */
  scan(length: number, margin: number, base: number, hits: HitList): void;
}
