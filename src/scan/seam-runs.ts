import { partitionPoint } from '../core/base/bytes/binary-search.js';
import { limitOf } from '../core/limits/limit.js';
import { seamStrips } from '../formats/memory/seam-strips.js';
import { SegmentMap } from '../formats/memory/segment-map.js';
import type { SweepPool } from '../sweep/pool.js';
import { RunJoiner, type Runs } from '../sweep/runs/run-joiner.js';
import { SHORTEST_TEXT } from '../sweep/runs/texts.js';
import type { HitBatch, Net } from '../sweep/types.js';
import type { Ledger } from './ledger.js';
import type { OpenDump } from './open-dump.js';

/**
 * Bytes between a seam and a run that is taken once more: the numbers of a key lie in adjacent objects, and
 * searches pair a number with its neighbours.
 */
const NEAR = 512;

/** Units of the runs of each net, in bytes, and the shortest. */
const NETS = {
  runs: { unit: 8, shortest: 3 },
  digits: { unit: 8, shortest: 3 },
  texts: { unit: 1, shortest: SHORTEST_TEXT },
} as const;

type NetName = keyof typeof NETS;

interface Request {
  pool: SweepPool;
  net: Net;
  signal?: AbortSignal;
}

type SeamRuns = Pick<HitBatch, 'to' | NetName>;

/**
 * Runs that cross a seam, or lie next to one, as they lie in memory. Their offsets are in the tail of the
 * dump's joined memory, in ascending order.
 */
export async function* seamRuns(
  dump: OpenDump,
  ledger: Ledger,
  { pool, net, signal }: Request,
): AsyncGenerator<SeamRuns> {
  const { strips, left, hidden } = seamStrips(
    dump.dump.seams(),
    SegmentMap.of(dump.dump.segments),
    dump.reader,
  );
  const reportSkipped = (left: number, why: string): void => {
    const places = `${left} places where memory goes on elsewhere in the file`;
    const reason = `${places} were not searched for bare numbers: ${why}`;
    if (left > 0) ledger.limits.push(limitOf('seams', { left }, { offset: 0, length: dump.length }, reason));
  };
  reportSkipped(left, 'too many for the memory');
  reportSkipped(hidden, 'another segment has the same addresses');
  if (strips === undefined) return;
  const { tail, seams } = strips;
  const stored = await dump.whole(signal);
  dump.joined.tail = tail;
  const near = Object.fromEntries(
    Object.entries(NETS).map(([name, { unit, shortest }]) => [name, new NearSeams(seams, unit, shortest)]),
  ) as Record<NetName, NearSeams>;
  const range = { from: tail.from, to: tail.length };
  const options = { runs: true, values: false, ...(signal ? { signal } : {}) };
  for await (const { to, runs, digits, texts } of pool.sweep(
    dump.joined.storage(stored),
    net,
    range,
    options,
  ))
    if (runs && digits && texts)
      yield {
        to,
        runs: near.runs.push(runs, to),
        digits: near.digits.push(digits, to),
        texts: near.texts.push(texts, to),
      };
  const to = Number.POSITIVE_INFINITY;
  yield { to, runs: near.runs.finish(), digits: near.digits.finish(), texts: near.texts.finish() };
}

/** Joins runs over the bounds of kernel calls and keeps those near a seam. */
class NearSeams {
  readonly #joiner: RunJoiner;
  readonly #seams: Float64Array;
  readonly #unit: number;

  constructor(seams: Float64Array, unit: number, shortest: number) {
    this.#joiner = new RunJoiner({ unit, shortest });
    this.#seams = seams;
    this.#unit = unit;
  }

  push(runs: Runs, to: number): Runs {
    return this.#near(this.#joiner.push(runs, to));
  }

  finish(): Runs {
    return this.#near(this.#joiner.finish());
  }

  #near(runs: Iterable<{ offset: number; words: number }>): Runs {
    const seams = this.#seams;
    const kept = [...runs].filter(({ offset, words }) => {
      const next = partitionPoint(seams.length, (i) => seams[i]! < offset - NEAR);
      return next < seams.length && seams[next]! <= offset + words * this.#unit + NEAR;
    });
    return {
      offsets: Float64Array.from(kept, ({ offset }) => offset),
      words: Uint32Array.from(kept, ({ words }) => words),
    };
  }
}
