import type { Storage } from '../base/bytes/storage.js';
import { orAborted } from '../base/runtime/promises.js';
import type { Candidate } from '../detect/core/types.js';
import { readSerialised } from '../detect/ssh/openssh-key.js';
import type { View } from '../formats/memory/types.js';
import type { KeyJudge } from '../judge/key-judge.js';
import type { Limit } from '../limits/limit.js';
import type { EffortLevel } from '../model/effort.js';
import type { KeyMaterial } from '../model/key-material.js';
import { TEXT_RUNS } from '../runs/hex.js';
import { RecordReader } from '../runs/records.js';
import { type JoinedRun, RunJoiner } from '../runs/run-joiner.js';
import { TextReader } from '../runs/text-records.js';
import { SHORTEST_TEXT } from '../runs/texts.js';
import type { Context, PublicKey } from '../search/core/types.js';
import type { SweepPlan } from '../search/curves/scalars/sweep-plan.js';
import { type PlannedBlock, TrialPlan } from '../search/curves/scalars/trial-plan.js';
import type { RsaAnswer } from '../search/rsa/rsa-answer.js';
import type { RsaRequest } from '../search/rsa/rsa-request.js';
import { NumberSearch } from '../search/session/number-search.js';
import type { SearchOptions } from '../search/session/search-options.js';
import { defineJob } from '../sweep/job.js';
import { forgetKernels, kernelName } from '../sweep/kernel-select.js';
import type { SweepPool } from '../sweep/pool.js';
import type { HitBatch, Net } from '../sweep/types.js';
import { publicKeysOf } from './identities.js';
import type { JoinedMemory } from './joined-memory.js';
import { isHeavy, searchKeys } from './rsa-job.js';
import type { Range } from './second-sweep-job.js';
import { stopReason } from './stop-reason.js';
import { forgetTrial, job as matchesOf } from './trial-job.js';

/**
 * Tokens, 1 KB each while they are searched for keys, from which on memory matters more than warm threads.
 */
const MANY_TOKENS = 1 << 14;

/** Numbers that a request is about. */
const windowsOf = ({ windows }: RsaRequest): number =>
  [...windows.values()].reduce((sum, { length }) => sum + length, 0);

/** Buffers to transfer with a request. */
const buffersOf = ({ windows }: RsaRequest): ArrayBuffer[] =>
  [...windows.values()]
    .flatMap(({ offsets, readings, places, lows }) => [offsets, readings, places, lows])
    .map(({ buffer }) => buffer as ArrayBuffer);

/** Tries kept numbers against known public halves, on all threads. */
const TRIAL_JOB = defineJob<typeof import('./trial-job.js')>(
  new URL('./trial-job.js', import.meta.url),
  ({ block }) => [block.numbers.buffer as ArrayBuffer],
);

/** Tries numbers that are not kept, as they are swept once more. */
const SECOND_SWEEP_JOB = defineJob<typeof import('./second-sweep-job.js')>(
  new URL('./second-sweep-job.js', import.meta.url),
);

/** The search for RSA keys, in a worker. */
const RSA_JOB = defineJob<typeof import('./rsa-job.js')>(
  new URL('./rsa-job.js', import.meta.url),
  ({ request }) => buffersOf(request),
);

type Batch = Pick<HitBatch, 'runs' | 'digits' | 'texts' | 'numbers' | 'decoded' | 'to'>;

interface Parts {
  judge: KeyJudge;
  /** May have a worker for the search for RSA keys. */
  pool: SweepPool;
  joined: JoinedMemory;
  /** The net of the first sweep, and the ranges of the file whose words it aligned differently. */
  net: Net;
  ranges: () => readonly Range[];
  /** Public keys that are targets, whether or not the artifact contains them. */
  targets?: readonly PublicKey[];
}

/**
 * From the runs of the entropy net to proven keys: joins fragments, runs the searches and has their keys
 * judged.
 */
export class BareKeys {
  readonly #joiner = new RunJoiner();
  readonly #digitJoiner = new RunJoiner();
  readonly #textJoiner = new RunJoiner({ unit: 1, shortest: SHORTEST_TEXT });
  readonly #pool: SweepPool;
  readonly #view: View;
  readonly #joined: JoinedMemory;
  readonly #open: () => NumberSearch;
  readonly #judge: KeyJudge;
  readonly #targets: readonly PublicKey[];
  readonly #net: Net;
  readonly #ranges: () => readonly Range[];
  readonly #effort: EffortLevel;
  /** Opened at the first run: most small files have none. */
  #search: NumberSearch | undefined;
  /** Set when the search has ended. */
  #limits: Limit[] | undefined;

  constructor(
    view: View,
    options: Omit<SearchOptions, 'proves' | 'readSerialised'>,
    { judge, pool, joined, net, ranges, targets = [] }: Parts,
  ) {
    this.#net = net;
    this.#ranges = ranges;
    this.#pool = pool;
    const proves = (material: KeyMaterial) => judge.proves(material);
    const artifact = joined.view(view);
    this.#open = () => new NumberSearch(artifact, { ...options, proves, readSerialised });
    this.#view = view;
    this.#joined = joined;
    this.#judge = judge;
    this.#targets = targets;
    this.#effort = options.effort ?? 'normal';
    // Concurrently with the sweep: loading takes as long as searching a small dump.
    if (options.rules.key) pool.preload(RSA_JOB);
  }

  /** A batch: records extracted by the sweep, and runs not extracted yet, all in file order. */
  push({ runs, digits, texts, numbers, decoded, to }: Batch): void {
    const records = numbers && numbers.byteLength > 0 ? new RecordReader(numbers) : undefined;
    for (const run of runs ? this.#joiner.push(runs, to) : []) {
      if (records) this.#searching.take(records, run.offset);
      this.#searching.add(run);
    }
    if (records) this.#searching.take(records);
    for (const run of digits ? this.#digitJoiner.push(digits, to) : []) this.#searching.addEngineDigits(run);
    const members = decoded && decoded.byteLength > 0 ? new TextReader(decoded) : undefined;
    for (const text of texts ? this.#textJoiner.push(texts, to) : []) {
      if (members) this.#searching.takeTexts(members, text.offset);
      this.#addText(text);
    }
    if (members) this.#searching.takeTexts(members);
  }

  /** All keys at their places in the file, as {@link #keys}. */
  async *finish(stored: Storage | undefined, signal: AbortSignal | undefined): AsyncGenerator<Candidate> {
    for await (const candidate of this.#keys(stored && this.#joined.storage(stored), signal))
      yield this.#joined.placed(candidate, this.#view);
  }

  /**
   * All keys, when certificates and public keys are known. RSA keys are searched in a worker, if one is up
   * and can read the bytes. On abort or failure of the worker, yields the other keys and throws.
   */
  async *#keys(stored: Storage | undefined, signal: AbortSignal | undefined): AsyncGenerator<Candidate> {
    for (const run of this.#joiner.finish()) this.#searching.add(run);
    for (const run of this.#digitJoiner.finish()) this.#searching.addEngineDigits(run);
    for (const text of this.#textJoiner.finish()) this.#addText(text);
    const { joiner } = this.#judge;
    // The secret of a token may be a text, in an artifact without any run.
    const tokens = joiner.macTokens();
    const search = tokens.length > 0 ? this.#searching : this.#search;
    if (search === undefined) return;
    const publicKeys = publicKeysOf(joiner.publicKeys(), this.#targets, this.#effort);
    const context = { publicKeys, tokens, curveTokens: joiner.ecdsaTokens() };
    const request = search.rsaRequest(context);
    const elsewhere = request && stored && this.#pool.run(RSA_JOB, { storage: stored, request });
    elsewhere?.catch(() => {});
    const heavy = (request !== undefined && isHeavy(request)) || context.tokens.length >= MANY_TOKENS;
    if (heavy) {
      this.#pool.terminateIdle();
      forgetKernels();
    }
    const failed = await this.#try(search, context, stored, signal).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    // In one order with and without a worker, so that the judge's budget skips the same keys.
    const others = [...search.otherKeys(context)];
    const signatures = search.signatures();
    // The worker may need longer.
    if (elsewhere) signatures.prefetch(this.#judge.signers());
    let stopped = request !== undefined;
    try {
      try {
        signal?.throwIfAborted();
        if (failed !== undefined) throw failed.error;
        if (request === undefined) return;
        const answer = elsewhere ? await orAborted(elsewhere, signal) : this.#searchHere(request);
        if (heavy) this.#pool.terminateIdle();
        stopped = false;
        yield* search.rsaKeys(answer);
      } finally {
        this.#limits = search.limits();
        if (stopped && signal?.aborted)
          this.#limits.push({
            offset: 0,
            length: this.#view.reader.length,
            ...({ search: 'rsa-numbers', target: 'blind', left: windowsOf(request!) } as const),
            reason: `the search for RSA keys was stopped: ${stopReason(signal)}`,
          });
        yield* others;
      }
      // The consumer has passed all yielded keys to the judge, so its signers include them.
      for (const { offset, scheme, ...made } of signatures.signaturesOf(this.#judge.signers()))
        joiner.addSignature({
          ...made,
          offset: this.#joined.offsetOf(offset),
          scheme: this.#joined.statement(scheme),
        });
      this.#limits = search.limits();
    } finally {
      // Frees its memory before the sweep for copies.
      search.close();
      this.#search = undefined;
    }
  }

  /** Runs the trials of curves on all threads. */
  async #try(
    search: NumberSearch,
    context: Context,
    stored: Storage | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    try {
      for (const plan of search.trials(context, stored !== undefined))
        if (plan instanceof TrialPlan) await this.#tryKept(plan, signal);
        else if (stored) await this.#sweepAgain(plan, stored, signal);
    } finally {
      forgetTrial();
    }
  }

  async #tryKept(plan: TrialPlan, signal: AbortSignal | undefined): Promise<void> {
    const { identities } = plan;
    const underWay: PlannedBlock[] = [];
    function* inputs() {
      for (const planned of plan.blocks()) {
        underWay.push(planned);
        yield { identities, block: planned.block };
      }
    }
    for await (const matches of this.#pool.map(TRIAL_JOB, inputs(), matchesOf)) {
      signal?.throwIfAborted();
      plan.take(underWay.shift()!, matches);
    }
  }

  async #sweepAgain(plan: SweepPlan, storage: Storage, signal: AbortSignal | undefined): Promise<void> {
    const { job: sweep, secondSweepTasks } = await import('./second-sweep-job.js');
    const { tail } = this.#joined;
    const ranges = [...this.#ranges(), ...(tail ? [{ from: tail.from, to: tail.length }] : [])];
    const parts = { storage, net: this.#net, kernel: kernelName(), request: plan.request };
    const tasks = secondSweepTasks(ranges, parts);
    function* open() {
      for (const task of tasks) if (plan.isOpen()) yield task;
    }
    for await (const found of this.#pool.map(SECOND_SWEEP_JOB, open(), sweep)) {
      signal?.throwIfAborted();
      plan.take(found);
    }
  }

  #searchHere(request: RsaRequest): RsaAnswer {
    return searchKeys(request, this.#joined.reader, undefined, (...proof) => this.#judge.addProof(...proof));
  }

  #addText({ offset, words: characters }: JoinedRun): void {
    if (TEXT_RUNS[characters]) this.#searching.addText(offset, characters);
  }

  limits(): Limit[] {
    const limits = this.#limits ?? this.#search?.limits() ?? [];
    return limits.map((limit) => this.#joined.limit(limit, this.#view.reader.length));
  }

  get #searching(): NumberSearch {
    this.#search ??= this.#open();
    return this.#search;
  }
}
