import type { ArtifactScan } from './artifact-scan.js';

/** Caps on what stays open: file descriptors, and bytes of spools. */
const MOST = { files: 256, spooled: 2 ** 32 };

/**
 * Artifacts that were swept and stay open until the keys of all artifacts are known, for the search for
 * copies. Beyond the caps the oldest is concluded first.
 */
export class OpenArtifacts {
  readonly #scans: ArtifactScan[] = [];
  /** Artifacts so far: the index of the next. */
  count = 0;

  add(scan: ArtifactScan): ArtifactScan {
    this.#scans.push(scan);
    this.count++;
    return scan;
  }

  /** Removes and yields those beyond the caps, oldest first. */
  *overflow(): Generator<ArtifactScan> {
    while (this.#scans.length > MOST.files || this.#spooled() > MOST.spooled) yield this.#scans.shift()!;
  }

  /** Removes and yields all that are left, oldest first. */
  *rest(): Generator<ArtifactScan> {
    while (this.#scans.length > 0) yield this.#scans.shift()!;
  }

  close(): void {
    for (const scan of this.rest()) scan.close();
  }

  #spooled(): number {
    return this.#scans.reduce((sum, { spooled }) => sum + spooled, 0);
  }
}
