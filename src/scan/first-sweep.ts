import { fstatSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { limitOf } from '../core/limits/limit.js';
import type { Hits } from '../detect/examine.js';
import { MARK_OVERLAP, type Mark } from '../sweep/marks.js';
import type { SweepPool } from '../sweep/pool.js';
import type { HitBatch, KeptRuns, Net, SweepOptions, ValueHits } from '../sweep/types.js';
import { ContainerSweep } from './container-sweep.js';
import { type Ledger, warnings } from './ledger.js';
import { misalignedSegments } from './misaligned-segments.js';
import type { OpenDump } from './open-dump.js';
import { type SeamHit, seamHits } from './seams.js';
import { stopReason } from './stop-reason.js';
import { textStartHits } from './text-starts.js';

/**
 * Hits of a range that ends at `to`; those of seams have no start. With the entropy net also runs, and the
 * records extracted from runs.
 */
export type Swept = Hits &
  Pick<
    HitBatch,
    'to' | 'runs' | 'digits' | 'texts' | 'values' | 'randomRuns' | 'marked' | 'census' | 'numbers' | 'decoded'
  > &
  Partial<Pick<HitBatch, 'from'>>;

export interface SweepRequest {
  /** True to use the entropy net. */
  runs: boolean;
  pool: SweepPool;
  net: Net;
  /** Of objects that the rules ask for: {@link ParsedDump.objectMarks}. */
  marks?: readonly Mark[] | undefined;
  /** Bytes of the pattern with this id. */
  lengthOf: (id: number) => number;
  signal?: AbortSignal;
  onBytes: (bytes: number) => void;
  /** The batches of an artifact that was swept while it was decoded. */
  decoded?: AsyncIterable<HitBatch> | Iterable<HitBatch>;
  /** The sweep of a container's bytes, if it has begun; it reports its own progress. */
  container?: ContainerSweep;
}

/** Bytes of a kernel's block: the entropy net requires ranges that start at a multiple of it. */
const ALIGNED = 64;
/** Upper bound on the rounds in which a growing file is followed. */
const ROUNDS = 16;
/** Bytes: no detector reads further beyond a hit. */
const LOOK_BACK = 64 * 1024;

/**
 * Sweeps every byte of an artifact once: its stored bytes in file order, those it grew by meanwhile, then its
 * seams. Unread ranges go to the ledger. Throws the signal's reason when aborted; the ledger then has the
 * rest as unread. A consumer that aborts within a batch ends this generator without an exception in it: that
 * batch is unread too.
 */
export async function* sweepArtifact(
  dump: OpenDump,
  ledger: Ledger,
  request: SweepRequest,
): AsyncGenerator<Swept> {
  const { signal } = request;
  let ended = false;
  try {
    yield* sweepFile(dump, ledger, request);
    yield* sweepMemory(dump, ledger, request);
    ended = true;
  } finally {
    if (!ended && signal?.aborted && dump.dump.segments.length > 0)
      ledger.limits.push(
        limitOf(
          'seams',
          { left: dump.dump.segments.length },
          { offset: 0, length: dump.length },
          stopReason(signal),
        ),
      );
  }
}

/**
 * The same at once, for a short artifact without memory by address: most members of archives are one.
 * Undefined for any other.
 */
export function sweepAtOnce(
  dump: OpenDump,
  ledger: Ledger,
  { pool, net, runs, signal, onBytes, decoded, container }: SweepRequest,
): Iterable<Swept> | undefined {
  const { stored, length, live } = dump;
  const isPlain = !hasMemory(dump) && live === undefined && decoded === undefined && container === undefined;
  if (stored === undefined || !isPlain || signal?.aborted) return undefined;
  const options = { runs, numbers: runs, randomRuns: keptRuns(dump), seams: NO_SEAMS };
  const batch = pool.sweepShort(stored, net, { from: 0, to: length }, options);
  if (batch === undefined) return undefined;
  ledger.swept += account(batch, ledger);
  onBytes(length);
  return only(batch, ledger, signal);
}

function* only(batch: Swept, ledger: Ledger, signal: AbortSignal | undefined): Generator<Swept> {
  let ended = false;
  try {
    yield batch;
    ended = true;
    signal?.throwIfAborted();
  } finally {
    if (!ended && signal?.aborted) ledger.miss(0, batch.to, `not read: ${stopReason(signal)}`);
  }
}

const NO_SEAMS = new Float64Array(0);

const keptRuns = ({ dump: { owners, ownersOfUnnamed } }: OpenDump): KeptRuns | undefined =>
  owners && (ownersOfUnnamed ? 'unnamed' : 'all');

const hasMemory = ({ dump }: OpenDump): boolean => dump.segments.length > 0 || dump.textStarts !== undefined;

/** Stored bytes, and those that the file grew by meanwhile. */
async function* sweepFile(dump: OpenDump, ledger: Ledger, request: SweepRequest): AsyncGenerator<Swept> {
  yield* request.decoded
    ? accountDecoded(request.decoded, ledger, request)
    : sweepRange(dump, ledger, request, 0);
  for (let round = 0; round < ROUNDS; round++) {
    const from = dump.length;
    const to = grown(dump);
    if (to === undefined) break;
    dump.extend(to);
    const last = round === ROUNDS - 1;
    const goesOn = last ? ' and is still growing' : '';
    ledger.warnings.push(
      warnings.of('file-grew', {
        message: `the file grew from ${from} to ${to} bytes while it was read${goesOn}`,
        hint: 'scan again when the file is complete',
        offset: from,
        length: to - from,
      }),
    );
    yield* sweepRange(dump, ledger, request, from);
    if (last) ledger.miss(to, null, 'the file is still growing');
  }
}

/** Bytes that are adjacent in memory only. */
async function* sweepMemory(dump: OpenDump, ledger: Ledger, request: SweepRequest): AsyncGenerator<Swept> {
  if (!hasMemory(dump)) return;
  const { net, lengthOf, runs, signal } = request;
  const overSeams: SeamHit[] = [];
  const values: SeamHit[] = [];
  for (const batch of seamHits(dump, net, lengthOf)) {
    overSeams.push(...batch.hits);
    values.push(...batch.values);
    await setImmediate();
    signal?.throwIfAborted();
  }
  for (const batch of textStartHits(dump, net)) {
    overSeams.push(...batch);
    await setImmediate();
    signal?.throwIfAborted();
  }
  const to = dump.length;
  yield { ...columns(overSeams), to, ...(values.length > 0 ? { values: columns(values) } : {}) };
  if (!runs) return;
  yield* misalignedRuns(dump, request);
  yield* runsOverSeams(dump, ledger, request);
}

/** The code is loaded at the first seam: most dumps have none. */
async function* runsOverSeams(dump: OpenDump, ledger: Ledger, request: SweepRequest): AsyncGenerator<Swept> {
  const [seam] = dump.dump.seams();
  if (seam === undefined) return;
  const { seamRuns } = await import('./seam-runs.js');
  for await (const batch of seamRuns(dump, ledger, request)) yield { ...batch, offsets: [], ids: [] };
}

/**
 * Numbers lie at multiples of 8 by address. If a segment's offset in the file is not congruent to its address
 * modulo 8 (minidumps), its words are taken once more, as they lie in memory. Its literals are known already.
 */
async function* misalignedRuns(dump: OpenDump, { pool, net, signal }: SweepRequest): AsyncGenerator<Swept> {
  for (const range of misalignedSegments(dump.dump.segments)) {
    const options = { runs: true, numbers: true, values: false, ...(signal ? { signal } : {}) };
    for await (const batch of pool.sweep(await dump.whole(signal), net, range, options))
      yield { ...batch, offsets: [], ids: [] };
  }
}

/** Passes on batches that were swept while the bytes were decoded. */
async function* accountDecoded(
  batches: AsyncIterable<HitBatch> | Iterable<HitBatch>,
  ledger: Ledger,
  { signal }: SweepRequest,
): AsyncGenerator<Swept> {
  let done = 0;
  let ended = false;
  try {
    for await (const batch of batches) {
      ledger.swept += account(batch, ledger);
      yield batch;
      done = batch.to;
    }
    ended = true;
  } finally {
    if (!ended && signal?.aborted) ledger.miss(done, null, `not read: ${stopReason(signal)}`);
  }
}

/** Begins to sweep a container's bytes while its content is decoded from them. */
export function sweepContainer(dump: OpenDump, request: SweepRequest): ContainerSweep {
  const { length } = dump;
  const { onBytes } = request;
  return new ContainerSweep(length, (feed) =>
    sweepStored(dump, request, { from: 0, to: length }, { feed, onProgress: onBytes }),
  );
}

async function* sweepStored(
  dump: OpenDump,
  { pool, net, runs, marks, signal }: SweepRequest,
  range: { from: number; to: number },
  options: SweepOptions = {},
): AsyncGenerator<HitBatch> {
  yield* pool.sweep(await dump.whole(signal), net, range, {
    runs,
    numbers: runs,
    randomRuns: keptRuns(dump),
    ...(net.longest > MARK_OVERLAP ? { marks } : {}),
    seams: endsOf(dump.dump),
    ...(signal ? { signal } : {}),
    ...options,
  });
}

async function* sweepRange(
  dump: OpenDump,
  ledger: Ledger,
  request: SweepRequest,
  from: number,
): AsyncGenerator<Swept> {
  const { net, signal, onBytes } = request;
  // A secret at the former end was cut there: its hits are examined once more.
  const back = Math.max(LOOK_BACK, net.longest - 1);
  const start = Math.floor(Math.max(0, from - back) / ALIGNED) * ALIGNED;
  const container = from === 0 ? request.container : undefined;
  let done = start;
  let ended = false;
  try {
    const range = { from: start, to: dump.length };
    for await (const batch of container ?? sweepStored(dump, request, range)) {
      const read = account(batch, ledger);
      ledger.swept += read - Math.max(0, from - batch.from);
      if (container === undefined) onBytes(batch.to - Math.max(batch.from, from));
      yield batch;
      done = batch.to;
    }
    ended = true;
  } finally {
    if (!ended && signal?.aborted && done < dump.length)
      ledger.miss(done, dump.length - done, `not read: ${stopReason(signal)}`);
  }
}

/** Starts and ends of segments: the bytes on either side of one may not be adjacent in memory. */
function endsOf({ segments }: OpenDump['dump']): Float64Array {
  return Float64Array.from(segments.flatMap(({ offset, length }) => [offset, offset + length])).sort();
}

function columns(all: readonly SeamHit[]): ValueHits {
  return {
    offsets: Float64Array.from(all, ({ offset }) => offset),
    ids: Uint32Array.from(all, ({ id }) => id),
  };
}

/** Enters a batch's unread bytes in the ledger; returns the number of bytes that were read. */
function account({ from, to, endedAt, error }: HitBatch, ledger: Ledger): number {
  if (endedAt === undefined) return to - from;
  if (error === undefined) {
    ledger.miss(endedAt, to - endedAt, 'the file shrank while it was read');
    warnOnce(
      ledger,
      warnings.of('file-shrank', {
        message: `the file ended at ${endedAt}, before its initial size`,
        hint: 'scan again when the file is complete',
        offset: endedAt,
      }),
    );
  } else {
    ledger.miss(endedAt, to - endedAt, `reading failed (${error})`);
    warnOnce(
      ledger,
      warnings.of('read-failed', {
        message: `reading failed at ${endedAt} (${error})`,
        hint: 'copy the file to an intact disk, for instance with ddrescue, and scan the copy',
        offset: endedAt,
      }),
    );
  }
  return endedAt - from;
}

function warnOnce(ledger: Ledger, notice: Ledger['warnings'][number]): void {
  if (!ledger.warnings.some(({ code }) => code === notice.code)) ledger.warnings.push(notice);
}

/** The new length of a file that has grown. */
function grown({ live, length }: OpenDump): number | undefined {
  if (live === undefined) return undefined;
  const { size } = fstatSync(live);
  return size > length ? size : undefined;
}
