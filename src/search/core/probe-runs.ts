import type { Kernel } from './kernel.js';
import type { Piece, RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';

/** Places that a probe gives in one go. */
const MOST = 4096;

/** Finds places in `length` bytes at `at` of the kernel's memory: as distances, u32, to `hits`, at most `most`. Tells how many. */
type Probe = (at: number, length: number, hits: number, most: number) => number;

export interface Passes {
  probe: Probe;
  /** Bytes that are looked at from each place on. */
  width: number;
  /** Bytes from one place to the next. */
  step?: number;
  /** First place that is wanted, counted from the run's first byte, and the last one, counted from its end. */
  first: number;
  last: number;
  /** Words of the runs, at least and at most. */
  least?: number;
  most?: number;
}

/** A place in the kernel's memory that is good until the next one is asked for, and its run, or an edge of that, with little beside it. */
interface Probed {
  at: number;
  piece: Piece;
}

/**
 * Where a probe finds something in the runs, in their order, whichever of them are kept: that depends on which thread was the faster. Bytes that are kept are
 * looked through as they lie, many runs at once.
 */
export function* probeRuns(
  kernel: Kernel,
  bytes: RunBytes,
  runs: RunList,
  passes: Passes,
): Generator<Probed> {
  const { probe, width, step = 1, first, last, least = 0, most } = passes;
  const hits = kernel.allocate(MOST * 4);
  /** All places in a stretch of memory: a hostile one has any number. */
  function* placesIn(from: number, end: number): Generator<number> {
    for (let at = from; at + width <= end; ) {
      const count = probe(at, end - at - width + 1, hits, MOST);
      if (count === 0) return;
      const start = at;
      for (const distance of kernel.u32(hits, count).slice()) {
        at = start + distance;
        yield at;
      }
      if (count < MOST) return;
      at += step;
    }
  }
  const others = runs.notKept(least, most);
  let other = others.next();
  /** Runs that begin before an offset and are not kept. They are read beside what is kept, which stays where it is. */
  function* readTo(limit: number): Generator<Probed> {
    for (; !other.done && other.value.offset < limit; other = others.next())
      for (const piece of bytes.widePieces(other.value)) {
        const ahead = Math.min(-first, piece.before);
        const from = piece.at - (ahead - (ahead % step));
        const end = piece.at + Math.min(piece.words * 8 + last + width, piece.after);
        for (const at of placesIn(from, end)) yield { at, piece };
      }
  }
  if (runs.kept > 0)
    for (const block of bytes.keptBlocks()) {
      let piece: Piece | undefined;
      for (const at of placesIn(block.at, block.at + block.length)) {
        if (piece === undefined || at >= piece.at + piece.after) {
          piece = block.pieceAt(at);
          yield* readTo(piece.offset);
        }
        const { words } = piece;
        const place = at - piece.at;
        if (words >= least && words <= (most ?? words) && place >= first && place <= words * 8 + last)
          yield { at, piece };
      }
    }
  yield* readTo(Number.POSITIVE_INFINITY);
}
