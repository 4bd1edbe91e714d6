import type { Extent } from '../core/model/report.js';
import { engineRun, runExtents } from '../search/core/run-bytes.js';
import type { Run } from '../search/core/types.js';
import { IGNORE_NUMBERS } from '../search/rsa/heap-array.js';
import { PrekeyRegions } from '../search/secrets/openssh/prekey-regions.js';
import { textExtents } from '../search/session/text-numbers.js';
import { RecordReader } from '../sweep/runs/records.js';
import { RunJoiner, type Runs } from '../sweep/runs/run-joiner.js';
import type { HitBatch } from '../sweep/types.js';

/**
 * The extents that the search for bare keys will read again, batch by batch: runs or their edges, with
 * margins.
 */
export class RunPrefetch {
  readonly #joiner = new RunJoiner();
  readonly #rows = new PrekeyRegions();

  push({ runs, digits, texts, numbers, to }: HitBatch): Extent[] {
    const reads: Extent[] = [];
    const row = (run: Run): void => void reads.push(...this.#rows.push(run));
    const records = new RecordReader(numbers ?? new ArrayBuffer(0));
    const takers = {
      ...IGNORE_NUMBERS,
      run: (offset: number, words: number) => {
        reads.push(...runExtents({ offset, words }));
        row({ offset, words });
      },
    };
    // A fragment's edges may be edges of the joined run, which is known only when their bytes are gone.
    for (const run of each(runs)) reads.push(...runExtents(run));
    for (const run of each(digits)) reads.push(...runExtents(engineRun(run)));
    for (const { offset, words } of each(texts)) reads.push(...textExtents(offset, words));
    for (const run of runs ? this.#joiner.push(runs, to) : []) {
      records.takeTo(run.offset, takers);
      row(run);
    }
    records.takeTo(Number.POSITIVE_INFINITY, takers);
    return reads;
  }

  finish(): Extent[] {
    const rows = [...this.#joiner.finish()].flatMap((run) => this.#rows.push(run));
    return [...rows, ...this.#rows.finish()];
  }
}

function* each(runs: Runs | undefined): Generator<Run> {
  for (const [i, offset] of (runs?.offsets ?? []).entries()) yield { offset, words: runs!.words[i]! };
}
