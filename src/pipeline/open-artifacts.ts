import type { ArtifactScan } from './artifact-scan.js';

/** What may stay open until the keys of all artifacts are known: file descriptors, and bytes of spools. */
const MOST = { files: 256, spooled: 2 ** 32 };

/** Artifacts that are swept and wait, open, for the copies sweep. Beyond the caps the oldest goes first. */
export class OpenArtifacts {
  readonly #scans: ArtifactScan[] = [];
  /** Artifacts so far: the index of the next. */
  count = 0;

  add(scan: ArtifactScan): ArtifactScan {
    this.#scans.push(scan);
    this.count++;
    return scan;
  }

  /** Those that must go now, oldest first; each leaves as it is taken. */
  *overflow(): Generator<ArtifactScan> {
    while (this.#scans.length > MOST.files || this.#spooled() > MOST.spooled) yield this.#scans.shift()!;
  }

  /** All that are left, oldest first; each leaves as it is taken. */
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
