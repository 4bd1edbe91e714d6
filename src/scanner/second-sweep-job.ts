import { type ByteReader, lenient, openStorage, type Storage } from '../base/bytes/storage.js';
import { MOST_KEPT } from '../runs/extractor.js';
import { RecordList, RecordReader, type Takers } from '../runs/records.js';
import { RunJoiner } from '../runs/run-joiner.js';
import type { Runs } from '../runs/types.js';
import { extractRun } from '../search/core/extract-run.js';
import { NumberKernel } from '../search/core/kernel.js';
import { RunBytes } from '../search/core/run-bytes.js';
import type { Run } from '../search/core/types.js';
import { StreamTrial } from '../search/curves/scalars/stream-trial.js';
import type { Selections, SweptNumber } from '../search/curves/scalars/sweep-plan.js';
import { IGNORE_NUMBERS } from '../search/rsa/heap-array.js';
import { type KernelName, kernelFor } from '../sweep/kernel-select.js';
import { SharedTickets } from '../sweep/shared-tickets.js';
import { sweepTask } from '../sweep/sweep-task.js';
import type { Net } from '../sweep/types.js';
import { type Timed, timed } from './thread-multiples.js';
import { trialOf } from './trial-job.js';

/** Bytes of a task: up to half a second where memory is full of numbers. */
const TASK = 2 ** 19;
/** Bytes of a kernel call: a task with its margins. */
const CHUNK = 2 ** 20;
/**
 * Bytes on both sides of a task that are swept with it: a run belongs to the task that it begins in. Longer
 * runs are cut there, and have edges only.
 */
const MARGIN = 4096;

export interface SecondSweepRange {
  from: number;
  to: number;
}

/** What all tasks have in common. */
export interface SecondSweep {
  storage: Storage;
  net: Net;
  kernel: KernelName;
  request: Selections;
}

/** A range that one thread sweeps, within the range that the words are aligned to. */
interface SecondSweepTask extends SecondSweep {
  task: SecondSweepRange;
  range: SecondSweepRange;
}

/** Splits ranges of a file into tasks, in the order of the ranges. */
export function* secondSweepTasks(
  ranges: readonly SecondSweepRange[],
  sweep: SecondSweep,
): Generator<SecondSweepTask> {
  for (const range of ranges)
    for (let from = range.from; from < range.to; from += TASK)
      yield { ...sweep, range, task: { from, to: Math.min(range.to, from + TASK) } };
}

/** The net of the last task: the kernel compares nets by identity, and messages copy them. */
let lastNet: { id: number; net: Net } | undefined;

function sameNet(id: number, net: Net): Net {
  if (lastNet?.id !== id) lastNet = { id, net };
  return lastNet.net;
}

/** Sweeps a range once more for numbers that match an identity, as a job of the pool. Keeps nothing else. */
export const job = (task: SecondSweepTask): Timed<Found[]> => timed(() => foundIn(task));

function foundIn({ storage, net, kernel: name, request, task, range }: SecondSweepTask): Found[] {
  const { id } = request.identities;
  const reader = lenient(openStorage(storage));
  const kernel = kernelFor(name, sameNet(id, net), true);
  const trial = new StreamTrial(trialOf(request.identities), request);
  let isOwn = false;
  const takers: Takers = {
    ...IGNORE_NUMBERS,
    number: (record) => {
      if (isOwn) trial.add(record);
    },
    run: (offset) => {
      isOwn = offset >= task.from && offset < task.to;
    },
  };
  const take = (records: ArrayBuffer) => new RecordReader(records).takeTo(Number.POSITIVE_INFINITY, takers);
  const cut = new CutRuns(reader, take);
  const shared = SharedTickets.forTasks(0);
  // No bytes of runs are wanted.
  shared.addRunBytes(MOST_KEPT);
  const [from, to] = [Math.max(range.from, task.from - MARGIN), Math.min(range.to, task.to + MARGIN)];
  for (let at = from; at < to; ) {
    const options = { from: at, to, chunk: CHUNK, longest: net.longest, numbers: true, values: false };
    const batch = sweepTask(reader, kernel, options, shared);
    if (batch.numbers) take(batch.numbers);
    if (batch.runs) cut.push(batch.runs, batch.to);
    at = batch.to;
    if (batch.endedAt !== undefined) break;
  }
  cut.close();
  trial.finish();
  return trial.found;
}

/** A match, with the index of its selection. */
type Found = SweptNumber & { selection: number };

/** Runs at the bounds of kernel calls, whose bytes are read again. */
class CutRuns {
  readonly #joiner = new RunJoiner();
  readonly #records = new RecordList();
  readonly #reader: ByteReader;
  readonly #take: (records: ArrayBuffer) => void;
  #open: { kernel: NumberKernel; bytes: RunBytes } | undefined;

  constructor(reader: ByteReader, take: (records: ArrayBuffer) => void) {
    this.#reader = reader;
    this.#take = take;
  }

  push(runs: Runs, to: number): void {
    for (const run of this.#joiner.push(runs, to)) this.#extract(run);
  }

  close(): void {
    for (const run of this.#joiner.finish()) this.#extract(run);
    this.#open?.kernel.release();
  }

  #extract(run: Run): void {
    this.#open ??= opened(this.#reader);
    const { kernel, bytes } = this.#open;
    this.#records.clear();
    if (extractRun(run, false, bytes, kernel.extractor, this.#records) === 'numbers')
      this.#take(this.#records.finish());
  }
}

function opened(reader: ByteReader): { kernel: NumberKernel; bytes: RunBytes } {
  const kernel = NumberKernel.take();
  return { kernel, bytes: new RunBytes(reader, kernel) };
}
