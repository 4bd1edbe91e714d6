import { wholeBlocks } from '../core/base/bytes/direct-reads.js';
import { type ByteReader, type Read, readSectors } from '../core/base/bytes/storage.js';
import { isZero } from '../core/base/bytes/zeros.js';
import { wipeAfterRuns } from '../core/base/runtime/scratch.js';
import { finish, type Pausing } from '../core/base/runtime/turns.js';
import type { HitFilter } from './hit-filter.js';
import { HitList } from './hits.js';
import type { SweepKernel } from './kernel.js';
import { type Mark, mayHaveMark } from './marks.js';
import { MOST_KEPT } from './runs/extractor.js';
import { RecordList } from './runs/records.js';
import type { Runs } from './runs/run-joiner.js';
import type { HitBatch, KeptRuns } from './types.js';
import type { ValueFilter } from './value-filter.js';

/** A range of a file that one thread sweeps. */
export interface Task {
  from: number;
  to: number;
  /** Bytes of one kernel call. */
  chunk: number;
  /**
   * Bytes of the longest pattern. A hit belongs to the chunk
   * it starts in; up to `longest - 1` bytes follow that.
   */
  longest: number;
  /** Extract numbers from runs and texts. */
  numbers?: boolean;
  /** False leaves the runs out of the batch, though the kernel finds them. */
  runs?: boolean;
  /** Whether values are joined, and which random-looking runs are kept: see SweepOptions. */
  values?: boolean;
  randomRuns?: KeptRuns | undefined;
  /** Marks that are searched for: see SweepOptions. */
  marks?: readonly Mark[] | undefined;
  /** Decides which of several threads sweeps it (`SharedTickets`). */
  ticket?: number;
}

/** Zeroed bytes after the bytes that were read. */
const PADDING = 128;

/** Hits after which a batch ends with the current chunk: bounds the memory of a batch. */
const MOST_HITS = 131_072;
/** Records of values after which a batch ends with the current chunk. */
const MOST_VALUES = 32_768;
/**
 * Bytes of records after which it ends: memory full of isolated numbers has 3 MiB of records a MiB.
 */
const MOST_RECORD_BYTES = 2 * 2 ** 20;

/** State that the threads of a sweep share. */
type SharedState = Pick<SharedTickets, 'stopped' | 'keepsRuns' | 'addRunBytes'>;
const UNSHARED: SharedState = { stopped: false, keepsRuns: true, addRunBytes() {} };

const hits = new HitList();
const randomRuns = new HitList();
const records = new RecordList();
const textRecords = new RecordList();
wipeAfterRuns(() => {
  records.wipe();
  textRecords.wipe();
});

/**
 * Sweeps a task chunk by chunk. The batch ends early after many hits or records, or if the sweep was stopped.
 */
export function sweepTask(...of: Parameters<typeof sweepSteps>): HitBatch {
  return finish(sweepSteps(...of));
}

/** {@link sweepTask}, with pauses. */
export function* sweepSteps(
  reader: ByteReader,
  kernel: SweepKernel,
  { from, to, chunk, longest, numbers = false, ...task }: Task,
  shared: SharedState = UNSHARED,
  filter?: HitFilter,
  valueFilter?: ValueFilter,
): Pausing<never, HitBatch> {
  const { runs, digits, texts, values, census } = kernel;
  for (const list of [hits, randomRuns, runs, digits, texts, values, census, records, textRecords])
    list?.clear();
  const isFull = (): boolean =>
    hits.length >= MOST_HITS ||
    (values?.length ?? 0) + randomRuns.length >= MOST_VALUES ||
    records.length + textRecords.length + (census?.length ?? 0) >= MOST_RECORD_BYTES;
  kernel.decodeTexts(from, numbers ? textRecords : undefined);
  kernel.findValues(task.values ?? true);
  let end: { endedAt?: number; error?: string } = {};
  let marked = false;
  let at = from;
  for (; at < to && !isFull() && !shared.stopped; at += chunk) {
    const length = Math.min(chunk, to - at);
    const { window, bytes, error } = readWindow(reader, kernel, at, length + longest - 1);
    if (!kernel.skipsZeros || !isZero(window.subarray(0, bytes))) {
      if (runs) readPreceding(reader, at, kernel.preceding());
      const firstRun = runs?.length ?? 0;
      const firstHit = hits.length;
      const firstValue = values?.length ?? 0;
      const swept = { length: Math.min(bytes, length), base: at - from, offset: at };
      kernel.scan(0, swept.length, bytes, swept.base, hits);
      const seen = window.subarray(0, bytes);
      if (filter && hits.length > firstHit) yield* filter.apply(hits, firstHit, seen, at, swept.base);
      if (valueFilter && values && values.length > firstValue)
        yield* valueFilter.apply(
          values,
          firstValue,
          seen,
          at,
          swept.base,
          task.randomRuns && { runs: randomRuns, which: task.randomRuns },
        );
      if (task.marks) marked ||= randomRuns.length > 0 || mayHaveMark(seen, task.marks);
      if (numbers)
        runs?.replace(firstRun, (packed) => kernel.extractRuns(packed, swept, records, shared.keepsRuns));
    }
    yield;
    if (bytes < length) {
      end = { endedAt: at + bytes, ...(error === undefined ? {} : { error }) };
      at = to;
      break;
    }
  }
  shared.addRunBytes(records.kept);
  return {
    from,
    to: Math.min(at, to),
    ...hits.finish(from),
    ...(values && values.length > 0 ? { values: values.finish(from) } : {}),
    ...(randomRuns.length > 0 ? { randomRuns: randomRuns.finish(from) } : {}),
    ...(task.marks && end.endedAt === undefined ? { marked } : {}),
    ...(census && census.length > 0 ? { census: census.finish() } : {}),
    ...(runs && digits && texts && task.runs !== false
      ? { runs: runsOf(runs, from, 8), digits: runsOf(digits, from, 8), texts: runsOf(texts, from, 1) }
      : {}),
    ...(numbers ? { numbers: records.finish(), decoded: textRecords.finish() } : {}),
    ...end,
  };
}

/** The bytes from `at` on in the kernel's window, with zeros after them. */
function readWindow(
  reader: ByteReader,
  kernel: SweepKernel,
  at: number,
  length: number,
): Read & { window: Uint8Array } {
  const wanted = reader.inBlocks ? wholeBlocks(length) : length;
  const window = kernel.window(wanted + PADDING);
  const read = readSectors(reader, at, window.subarray(0, wanted));
  const bytes = Math.min(read.bytes, length);
  // The entropy net reads to the end of a 64-byte block, and the words next to the chunk.
  window.fill(0, bytes, bytes + PADDING);
  return { ...read, bytes, window };
}

/** Reads the word before the chunk; zeros at the start of the file and after a failed read. */
function readPreceding(reader: ByteReader, at: number, target: Uint8Array): void {
  target.fill(0);
  if (at < target.length) return;
  if (readSectors(reader, at - target.length, target).bytes < target.length) target.fill(0);
}

/** `unit`: bytes that offsets in the list count. */
function runsOf(list: HitList, from: number, unit: number): Runs {
  const { offsets, ids } = list.finish(0);
  for (const [i, at] of offsets.entries()) offsets[i] = from + unit * at;
  return { offsets, words: ids };
}

/**
 * Layout in Int32 words: the stop flag, bytes of runs in
 * all batches, then one ticket for each place in the queue.
 */
const STOPPED = 0;
const RUN_BYTES = 1;
const TICKETS = 2;

/**
 * State shared by the threads that sweep one artifact: stop
 * flag, bytes of runs handed over, and claimed tasks.
 */
export class SharedTickets {
  /** Posted to other threads. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #places: number;

  private constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
    this.#places = this.#words.length - TICKETS;
  }

  /** `places`: tasks in the queue at a time. */
  static forTasks(places: number): SharedTickets {
    return new SharedTickets(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (TICKETS + places)));
  }

  /** The tickets of another thread. */
  static from(memory: SharedArrayBuffer): SharedTickets {
    return new SharedTickets(memory);
  }

  /**
   * Issues a ticket at the place of `number` modulo the places: of a running number, or of an earlier ticket.
   * It is greater than all tickets issued there before, so a thread that receives an old task late cannot
   * claim the new one.
   */
  issue(number: number): number {
    const place = number % this.#places;
    const last = Math.abs(Atomics.load(this.#words, TICKETS + place));
    const ticket = (last || place) + this.#places;
    Atomics.store(this.#words, TICKETS + place, ticket);
    return ticket;
  }

  /** True for the first thread that claims the task; always true for a task without a ticket. */
  claim({ ticket }: Pick<Task, 'ticket'>): boolean {
    if (ticket === undefined) return true;
    return (
      Atomics.compareExchange(this.#words, TICKETS + (ticket % this.#places), ticket, -ticket) === ticket
    );
  }

  /** Cancels the tasks under way: threads end their batch after the current chunk. */
  stop(): void {
    Atomics.store(this.#words, STOPPED, 1);
  }

  get stopped(): boolean {
    return Atomics.load(this.#words, STOPPED) !== 0;
  }

  /** The bytes of runs are still below their limit. */
  get keepsRuns(): boolean {
    return Atomics.load(this.#words, RUN_BYTES) < MOST_KEPT;
  }

  /** Counts bytes of runs in a batch. The limit may be exceeded by one task for each thread. */
  addRunBytes(bytes: number): void {
    if (this.keepsRuns) Atomics.add(this.#words, RUN_BYTES, bytes);
  }
}
