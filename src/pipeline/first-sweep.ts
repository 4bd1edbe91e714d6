import { fstatSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Hits } from '../detect/examine.js';
import type { SweepPool } from '../sweep/pool.js';
import type { HitBatch, Net, SweepOptions } from '../sweep/types.js';
import { ContainerSweep } from './container-sweep.js';
import type { Ledger } from './ledger.js';
import { misalignedSegments } from './misaligned-segments.js';
import type { Opened } from './open-dump.js';
import { type PlacedHit, seamHits } from './seams.js';
import { warnings } from './warnings.js';

/** Hits of a range that ends at `to`, and where the entropy net was asked for, its runs and what was taken out of runs. */
export type Swept = Hits & Pick<HitBatch, 'to' | 'runs' | 'digits' | 'texts' | 'numbers'>;

export interface SweepRequest {
  /** With the entropy net. */
  runs: boolean;
  pool: SweepPool;
  net: Net;
  /** Bytes of the pattern with this id. */
  lengthOf: (id: number) => number;
  signal?: AbortSignal;
  onBytes: (bytes: number) => void;
  /** What sweeping the artifact's bytes gave, where it was done while they were decoded. */
  swept?: AsyncIterable<HitBatch> | Iterable<HitBatch>;
  /** The sweep of its first length, where that has begun; what it reads was told already. */
  beside?: ContainerSweep;
}

/** The entropy net takes words from the start of the range: a multiple of a kernel's block. */
const ALIGNED = 64;
/** A file that grows faster than it is read is followed so many times. */
const ROUNDS = 16;
/** No detector reads further beyond a hit, in bytes. */
const LOOK_BACK = 64 * 1024;

/**
 * Every byte of an artifact, once: its stored bytes in file order, what it grew by meanwhile, then its seams.
 * What could not be read goes to the ledger. Throws the signal's reason when aborted; the ledger then has the rest, with the batch
 * that its taker has not come to the end of: who is stopped at a hit ends this generator, and nothing is thrown into it.
 */
export async function* sweepArtifact(
  opened: Opened,
  ledger: Ledger,
  request: SweepRequest,
): AsyncGenerator<Swept> {
  const { signal } = request;
  let ended = false;
  try {
    yield* sweepFile(opened, ledger, request);
    yield* sweepMemory(opened, request);
    ended = true;
  } finally {
    if (!ended && signal?.aborted && opened.dump.segments.length > 0)
      ledger.limits.push({ offset: 0, length: opened.length, search: 'seams', reason: stopReason(signal) });
  }
}

/** Its stored bytes, and what it grew by meanwhile. */
async function* sweepFile(opened: Opened, ledger: Ledger, request: SweepRequest): AsyncGenerator<Swept> {
  yield* request.swept
    ? sweptAlready(request.swept, ledger, request)
    : sweepRange(opened, ledger, request, 0);
  for (let round = 0; round < ROUNDS; round++) {
    const from = opened.length;
    const to = grown(opened);
    if (to === undefined) break;
    opened.extend(to);
    const last = round === ROUNDS - 1;
    ledger.warnings.push(
      warnings.of('file-grew', {
        message: `the file grew from ${from} to ${to} bytes while it was read${last ? ' and goes on growing' : ''}`,
        hint: 'wait until whoever writes it has ended, and scan again',
        offset: from,
        length: to - from,
      }),
    );
    yield* sweepRange(opened, ledger, request, from);
    if (last) ledger.miss(to, null, 'the file goes on growing');
  }
}

/** What lies together in memory alone. */
async function* sweepMemory(opened: Opened, request: SweepRequest): AsyncGenerator<Swept> {
  const { net, lengthOf, runs, signal } = request;
  const overSeams: PlacedHit[] = [];
  for (const hits of seamHits(opened, net, lengthOf)) {
    overSeams.push(...hits);
    await setImmediate();
    signal?.throwIfAborted();
  }
  yield { ...columns(overSeams), to: opened.length };
  if (runs) yield* misalignedRuns(opened, request);
}

/**
 * Numbers lie at multiples of 8 by address. Where a segment's offset in the file is shifted against that (minidumps), its words
 * are taken once more, as they lie in memory; the literals there are found already.
 */
async function* misalignedRuns(opened: Opened, { pool, net, signal }: SweepRequest): AsyncGenerator<Swept> {
  for (const range of misalignedSegments(opened.dump.segments)) {
    const options = { runs: true, numbers: true, ...(signal ? { signal } : {}) };
    for await (const batch of pool.sweep(await opened.whole(signal), net, range, options))
      yield { ...batch, offsets: [], ids: [] };
  }
}

async function* sweptAlready(
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

/** Begins to sweep an artifact's bytes beside the content that is decoded from them; `onBytes` is told of them as they are read. */
export function besideContent(opened: Opened, request: SweepRequest): ContainerSweep {
  const { length } = opened;
  const { onBytes } = request;
  return new ContainerSweep(length, (feed) =>
    sweepStored(opened, request, { from: 0, to: length }, { feed, onProgress: onBytes }),
  );
}

async function* sweepStored(
  opened: Opened,
  { pool, net, runs, signal }: SweepRequest,
  range: { from: number; to: number },
  options: SweepOptions = {},
): AsyncGenerator<HitBatch> {
  yield* pool.sweep(await opened.whole(signal), net, range, {
    runs,
    numbers: runs,
    seams: endsOf(opened.dump),
    ...(signal ? { signal } : {}),
    ...options,
  });
}

async function* sweepRange(
  opened: Opened,
  ledger: Ledger,
  request: SweepRequest,
  from: number,
): AsyncGenerator<Swept> {
  const { net, signal, onBytes } = request;
  // What began before the file grew was cut there: those hits are looked at once more.
  const back = Math.max(LOOK_BACK, net.longest - 1);
  const start = Math.floor(Math.max(0, from - back) / ALIGNED) * ALIGNED;
  const beside = from === 0 ? request.beside : undefined;
  let done = start;
  let ended = false;
  try {
    for await (const batch of beside ?? sweepStored(opened, request, { from: start, to: opened.length })) {
      const read = account(batch, ledger);
      ledger.swept += read - Math.max(0, from - batch.from);
      if (beside === undefined) onBytes(batch.to - Math.max(batch.from, from));
      yield batch;
      done = batch.to;
    }
    ended = true;
  } finally {
    if (!ended && signal?.aborted && done < opened.length)
      ledger.miss(done, opened.length - done, `not read: ${stopReason(signal)}`);
  }
}

/** Where segments begin and end: beside these, memory may not be what the file shows. */
function endsOf({ segments }: Opened['dump']): Float64Array {
  return Float64Array.from(segments.flatMap(({ offset, length }) => [offset, offset + length])).sort();
}

function columns(all: readonly PlacedHit[]): Hits {
  return { offsets: all.map(({ offset }) => offset), ids: all.map(({ id }) => id) };
}

export function stopReason(signal: AbortSignal): string {
  return typeof signal.reason === 'string'
    ? `the scan was stopped (${signal.reason})`
    : 'the scan was stopped';
}

/** Notes what a batch lacks; returns the bytes that were read. */
function account({ from, to, endedAt, error }: HitBatch, ledger: Ledger): number {
  if (endedAt === undefined) return to - from;
  if (error === undefined) {
    ledger.miss(endedAt, to - endedAt, 'the file shrank while it was read');
    warnOnce(
      ledger,
      warnings.of('file-shrank', {
        message: `the file ended at ${endedAt}, before its first size`,
        hint: 'wait until whoever writes it has ended, and scan again',
        offset: endedAt,
      }),
    );
  } else {
    ledger.miss(endedAt, to - endedAt, `reading failed (${error})`);
    warnOnce(
      ledger,
      warnings.of('read-failed', {
        message: `reading failed at ${endedAt} (${error})`,
        hint: 'copy the file from a sound disk, for instance with ddrescue, and scan the copy',
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
function grown({ live, length }: Opened): number | undefined {
  if (live === undefined) return undefined;
  const { size } = fstatSync(live);
  return size > length ? size : undefined;
}
