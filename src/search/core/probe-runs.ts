import type { NumberKernel } from './kernel.js';
import type { Piece, RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';

/** Places of one call of a probe. */
const MOST = 4096;

/**
 * Writes up to `most` places in `length` bytes at `at` of the kernel's memory to `hits`, as u32 distances;
 * their count.
 */
type Probe = (at: number, length: number, hits: number, most: number) => number;

export interface Passes {
  probe: Probe;
  /** Bytes that a probe reads at each place. */
  width: number;
  /** Bytes from one place to the next. */
  step?: number;
  /** First place, from the run's first byte, and last place, from its end. */
  first: number;
  last: number;
  /** Bounds of the runs' words. */
  least?: number;
  most?: number;
}

/** A place in the kernel's memory, valid until the next one, with its run or an edge of it. */
interface Probed {
  at: number;
  piece: Piece;
}

/**
 * Every place of a probe in the runs, in their order, whether or not they are cached (which depends on the
 * timing of threads). Cached bytes are probed in blocks of many runs.
 */
export function* probeRuns(
  kernel: NumberKernel,
  bytes: RunBytes,
  runs: RunList,
  passes: Passes,
): Generator<Probed> {
  const { probe, width, step = 1, first, last, least = 0, most } = passes;
  const hits = kernel.allocate(MOST * 4);
  /** The places in a range of memory: a hostile one has any number. */
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
  /** Runs that begin before an offset and are not cached. */
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
