import type { Reader, Storage } from '../base/bytes/storage.js';
import { orAborted } from '../base/runtime/promises.js';
import { readSerialised } from '../detect/core/openssh-key.js';
import type { Candidate } from '../detect/core/types.js';
import type { View } from '../formats/memory/types.js';
import type { KeyJudge } from '../judge/key-judge.js';
import type { KeyMaterial } from '../model/key-material.js';
import type { Limit } from '../model/report.js';
import { TEXT_RUNS } from '../runs/hex.js';
import { RecordReader } from '../runs/records.js';
import { type JoinedRun, RunJoiner } from '../runs/run-joiner.js';
import { SHORTEST_TEXT } from '../runs/texts.js';
import type { PublicKey } from '../search/core/types.js';
import type { RsaAnswer } from '../search/rsa/rsa-answer.js';
import type { RsaRequest } from '../search/rsa/rsa-search.js';
import { NumberSearch, type SearchOptions } from '../search/search.js';
import { defineJob } from '../sweep/job.js';
import { forgetKernels } from '../sweep/kernel-select.js';
import type { SweepPool } from '../sweep/pool.js';
import type { HitBatch } from '../sweep/types.js';
import { stopReason } from './first-sweep.js';
import { publicKeysOf } from './identities.js';
import { isHeavy, searchKeys } from './rsa-job.js';

const buffersOf = ({ windows }: RsaRequest): ArrayBuffer[] =>
  [...windows.values()]
    .flatMap(({ offsets, readings, places, lows }) => [offsets, readings, places, lows])
    .map(({ buffer }) => buffer as ArrayBuffer);

/** The search for RSA keys, in a worker. */
const RSA_JOB = defineJob<typeof import('./rsa-job.js')>(
  new URL('./rsa-job.js', import.meta.url),
  ({ request }) => buffersOf(request),
);

/** What a batch of the sweep has of numbers. */
type Taken = Pick<HitBatch, 'runs' | 'digits' | 'texts' | 'numbers' | 'to'>;

/** From the entropy net's runs to proven keys: joins what the cuts of the sweep parted, and asks the desk for proofs. */
export class Numbers {
  readonly #joiner = new RunJoiner();
  readonly #digitJoiner = new RunJoiner();
  readonly #textJoiner = new RunJoiner({ unit: 1, shortest: SHORTEST_TEXT });
  readonly #pool: SweepPool;
  readonly #reader: Reader;
  readonly #open: () => NumberSearch;
  readonly #desk: KeyJudge;
  readonly #asked: readonly PublicKey[];
  readonly #deep: boolean;
  /** Opened at the first run: most small files have none. */
  #search: NumberSearch | undefined;
  /** What the search had to leave, when it has ended. */
  #limits: Limit[] | undefined;

  /** `asked`: public halves that somebody asks for, whether or not the artifact shows them. `pool` may have a worker that searches as well. */
  constructor(
    view: View,
    options: Omit<SearchOptions, 'proves' | 'readSerialised'>,
    { desk, pool, asked = [] }: { desk: KeyJudge; pool: SweepPool; asked?: readonly PublicKey[] },
  ) {
    this.#pool = pool;
    const proves = (material: KeyMaterial) => desk.proves(material);
    this.#open = () => new NumberSearch(view, { ...options, proves, readSerialised });
    this.#reader = view.reader;
    this.#desk = desk;
    this.#asked = asked;
    this.#deep = options.deep ?? false;
    // While the sweep goes on: it takes as long as to search a small dump.
    if (options.rules.key) pool.preload(RSA_JOB);
  }

  /** A batch: numbers that the sweep took out of runs, and the runs that it left, all in file order. */
  push({ runs, digits, texts, numbers, to }: Taken): void {
    const records = numbers && numbers.byteLength > 0 ? new RecordReader(numbers) : undefined;
    for (const run of runs ? this.#joiner.push(runs, to) : []) {
      if (records) this.#searching.take(records, run.offset);
      this.#searching.add(run);
    }
    if (records) this.#searching.take(records);
    for (const run of digits ? this.#digitJoiner.push(digits, to) : []) this.#searching.addDigits(run);
    for (const text of texts ? this.#textJoiner.push(texts, to) : []) this.#addText(text);
  }

  /**
   * Every key that the artifact's numbers make, when its certificates and public keys are known. RSA keys are searched for in a
   * worker meanwhile, where one has come up and can read the bytes. Throws the signal's reason, or what became of the worker, when it
   * has given the others.
   */
  async *finish(stored: Storage | undefined, signal: AbortSignal | undefined): AsyncGenerator<Candidate> {
    for (const run of this.#joiner.finish()) this.#searching.add(run);
    for (const run of this.#digitJoiner.finish()) this.#searching.addDigits(run);
    for (const text of this.#textJoiner.finish()) this.#addText(text);
    const { joiner } = this.#desk;
    const publicKeys = publicKeysOf(joiner.publicKeys(), this.#asked, this.#deep);
    const context = {
      publicKeys,
      tokens: [...joiner.authenticated()],
      curveTokens: [...joiner.signedOnCurves()],
    };
    // Of a token the key may be a text, where there is no run.
    const search = context.tokens.length > 0 ? this.#searching : this.#search;
    if (search === undefined) return;
    const request = search.rsaRequest(context);
    const elsewhere = request && stored && this.#pool.run(RSA_JOB, { storage: stored, request });
    elsewhere?.catch(() => {});
    const heavy = request !== undefined && isHeavy(request);
    if (heavy) {
      this.#pool.rest();
      forgetKernels();
    }
    // Either way the desk proves in one order: its budget leaves out the same keys.
    const others = [...search.otherKeys(context)];
    const signatures = search.signatures();
    // The other thread may need longer.
    if (elsewhere) signatures.expect(this.#desk.signers());
    let stopped = request !== undefined;
    try {
      try {
        signal?.throwIfAborted();
        if (request === undefined) return;
        const answer = elsewhere ? await orAborted(elsewhere, signal) : this.#searchHere(request);
        if (heavy) this.#pool.rest();
        stopped = false;
        yield* search.rsaKeys(answer);
      } finally {
        this.#limits = search.limits();
        if (stopped && signal?.aborted)
          this.#limits.push({
            offset: 0,
            length: this.#reader.length,
            search: 'rsa-numbers',
            reason: `the search for RSA keys did not come to its end: ${stopReason(signal)}`,
          });
        yield* others;
      }
      // Of keys that were found in any way: whoever takes what is yielded has handed it to the desk.
      for (const made of signatures.keys(this.#desk.signers())) joiner.addSignature(made);
      this.#limits = search.limits();
    } finally {
      // What it holds is not kept while copies are searched.
      search.close();
      this.#search = undefined;
    }
  }

  #searchHere(request: RsaRequest): RsaAnswer {
    return searchKeys(request, this.#reader, undefined, (...proof) => this.#desk.addProof(...proof));
  }

  #addText({ offset, words: characters }: JoinedRun): void {
    if (TEXT_RUNS[characters]) this.#searching.addText(offset, characters);
  }

  limits(): Limit[] {
    return this.#limits ?? this.#search?.limits() ?? [];
  }

  get #searching(): NumberSearch {
    this.#search ??= this.#open();
    return this.#search;
  }
}
