import type { SourceScan } from './source-scan.js';

/** Caps on what stays open: file descriptors, and bytes of spools. */
const MOST = { files: 256, spooled: 2 ** 32 };

/** An artifact that is open, and the bytes that are counted for it: none until it was swept. */
interface Open {
  scan: SourceScan;
  spooled?: number;
}

/**
 * Artifacts that were swept and stay open until the keys of all artifacts are known, for the search for
 * copies. Beyond the caps the oldest is concluded first.
 */
export class OpenArtifacts {
  readonly #open: Open[] = [];
  #spooled = 0;
  /** Artifacts so far: the index of the next. */
  count = 0;

  add(scan: SourceScan): SourceScan {
    this.#open.push({ scan });
    this.count++;
    return scan;
  }

  /** Removes and yields those beyond the caps, oldest first. To be called when those added were swept. */
  *overflow(): Generator<SourceScan> {
    this.#measure();
    while (this.#open.length > MOST.files || this.#spooled > MOST.spooled) yield this.#takeOldest();
  }

  /** All that are open, oldest first. */
  *all(): Generator<SourceScan> {
    for (const { scan } of this.#open) yield scan;
  }

  /** Removes and yields all that are left, oldest first. */
  *rest(): Generator<SourceScan> {
    while (this.#open.length > 0) yield this.#takeOldest();
  }

  close(): void {
    for (const scan of this.rest()) scan.close();
  }

  /** Counts the bytes of those added since the last time: what an artifact keeps does not change later. */
  #measure(): void {
    for (let i = this.#open.length - 1; i >= 0; i--) {
      const open = this.#open[i]!;
      if (open.spooled !== undefined) return;
      open.spooled = open.scan.spooled;
      this.#spooled += open.spooled;
    }
  }

  #takeOldest(): SourceScan {
    const { scan, spooled = 0 } = this.#open.shift()!;
    this.#spooled -= spooled;
    return scan;
  }
}
