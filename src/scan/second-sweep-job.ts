import { type ByteReader, lenient, openStorage, type Storage } from '../core/base/bytes/storage.js';
import { NumberKernel } from '../search/core/kernel.js';
import { extractRun, RunBytes } from '../search/core/run-bytes.js';
import type { Run } from '../search/core/types.js';
import { StreamTrial } from '../search/curves/scalars/stream-trial.js';
import type { Selections, SweptNumber } from '../search/curves/scalars/sweep-plan.js';
import { IGNORE_NUMBERS } from '../search/rsa/heap-array.js';
import type { SweepKernel } from '../sweep/kernel.js';
import { type KernelName, kernelFor } from '../sweep/kernel-select.js';
import { MOST_KEPT } from '../sweep/runs/extractor.js';
import { RecordList, RecordReader, type Takers } from '../sweep/runs/records.js';
import { RunJoiner, type Runs } from '../sweep/runs/run-joiner.js';
import { SharedTickets, sweepTask } from '../sweep/sweep-task.js';
import type { Net } from '../sweep/types.js';
import type { SweptPart } from './second-sweep-parts.js';
import { type Timed, timed } from './thread-multiples.js';
import { trialOf } from './trial-job.js';

/** Bytes of a kernel call. */
const CHUNK = 2 ** 20;
/**
 * Bytes on both sides of a part that are swept with it: a run belongs to the part that it begins in. Longer
 * runs are cut there, and have edges only.
 */
const MARGIN = 4096;

/** What all tasks have in common. */
export interface SecondSweep {
  storage: Storage;
  net: Net;
  kernel: KernelName;
  request: Selections;
}

/** What one thread sweeps. */
interface SecondSweepTask extends SecondSweep {
  parts: readonly SweptPart[];
  /** Numbers after which the task ends at the next kernel call. */
  most: number;
}

/** Matches, each with the index of its selection, and the parts that were left when the task ended. */
export interface SweptTask {
  found: (SweptNumber & { selection: number })[];
  left: SweptPart[];
}

/** The net of the last task: the kernel compares nets by identity, and messages copy them. */
let lastNet: { id: number; net: Net } | undefined;

function sameNet(id: number, net: Net): Net {
  if (lastNet?.id !== id) lastNet = { id, net };
  return lastNet.net;
}

/** Sweeps parts of a file once more for numbers that match an identity, as a job of the pool. */
export const job = (task: SecondSweepTask): Timed<SweptTask> => timed(() => sweptIn(task));

function sweptIn({ storage, net, kernel: name, request, parts, most }: SecondSweepTask): SweptTask {
  const { id } = request.identities;
  const reader = lenient(openStorage(storage));
  const kernel = kernelFor(name, sameNet(id, net), true);
  const trial = new StreamTrial(trialOf(request.identities), request);
  const left: SweptPart[] = [];
  for (const part of parts)
    if (trial.tried >= most) left.push(part);
    else {
      const to = sweepPart(part, { reader, kernel, trial, most, longest: net.longest });
      if (to < part.to) left.push({ ...part, from: to });
    }
  trial.finish();
  return { found: trial.found, left };
}

interface PartSweep {
  reader: ByteReader;
  kernel: SweepKernel;
  trial: StreamTrial;
  most: number;
  longest: number;
}

/** Sweeps a part, or until as many numbers as are to be tried. Returns where it has ended. */
function sweepPart(part: SweptPart, { reader, kernel, trial, most, longest }: PartSweep): number {
  const { within } = part;
  let end = part.to;
  let isOwn = false;
  const takers: Takers = {
    ...IGNORE_NUMBERS,
    number: (record) => {
      if (isOwn) trial.add(record);
    },
    run: (offset) => {
      isOwn = offset >= part.from && offset < end;
    },
  };
  const take = (records: ArrayBuffer) => new RecordReader(records).takeTo(Number.POSITIVE_INFINITY, takers);
  const cut = new CutRuns(reader, take);
  const shared = SharedTickets.forTasks(0);
  // No bytes of runs are wanted.
  shared.addRunBytes(MOST_KEPT);
  let to = Math.min(within.to, end + MARGIN);
  for (let at = Math.max(within.from, part.from - MARGIN); at < to; ) {
    const options = { from: at, to: Math.min(to, at + CHUNK), chunk: CHUNK, longest, numbers: true };
    const batch = sweepTask(reader, kernel, { ...options, values: false }, shared);
    if (batch.numbers) take(batch.numbers);
    if (batch.runs) cut.push(batch.runs, batch.to);
    at = batch.to;
    if (batch.endedAt !== undefined) break;
    if (trial.tried < most || at >= end) continue;
    // Runs that have begun before are swept to their end.
    end = at;
    to = Math.min(within.to, end + MARGIN);
  }
  cut.close();
  return end;
}

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
