import type { Storage } from '../core/base/bytes/storage.js';
import { orAborted } from '../core/base/runtime/promises.js';
import { finishInTurns, inTurns, type Pausing } from '../core/base/runtime/turns.js';
import type { Limit } from '../core/limits/limit.js';
import type { EffortLevel } from '../core/model/effort.js';
import type { KeyMaterial } from '../core/model/key-material.js';
import type { Stopwatch } from '../core/options/stopwatch.js';
import type { SecretCandidate } from '../detect/core/types.js';
import { readSerialised } from '../detect/ssh/openssh-key.js';
import type { View } from '../formats/memory/types.js';
import type { KeyJudge } from '../prove/judge/key-judge.js';
import type { SearchedPublicKey, SearchFacts } from '../search/core/types.js';
import { isHeavy, type RsaRequest, windowsOf } from '../search/rsa/rsa-request.js';
import { NumberSearch } from '../search/session/number-search.js';
import type { SearchOptions } from '../search/session/search-options.js';
import { forgetKernels } from '../sweep/kernel-select.js';
import type { SweepPool } from '../sweep/pool.js';
import { CurveTrials, type TrialParts } from './curve-trials.js';
import { kindOfIdentity, type MarkersNear, publicKeysOf } from './identities.js';
import type { JoinedMemory } from './joined-memory.js';
import { onThreads } from './mac-threads.js';
import { preloadRsa, searchHere, searchInWorker } from './rsa-threads.js';
import { type Batch, RunIntake } from './run-intake.js';
import { stopReason } from './stop-reason.js';

/**
 * Tokens, 1 KB each while they are searched for keys, from which on memory matters more than warm threads.
 */
const MANY_TOKENS = 1 << 14;

interface Parts extends TrialParts {
  judge: KeyJudge;
  markersNear: MarkersNear;
  /** Public keys that are targets, whether or not the artifact contains them. */
  targets?: readonly SearchedPublicKey[];
  stopwatch: Stopwatch;
}

interface OtherSearches {
  stored: Storage | undefined;
  signal: AbortSignal | undefined;
  /** Memory matters more than other threads. */
  isLean: boolean;
}

/**
 * From the runs of the entropy net to proven keys: joins fragments, runs the searches and has their keys
 * judged.
 */
export class BareKeys {
  readonly #intake = new RunIntake(() => this.#searching);
  readonly #pool: SweepPool;
  readonly #view: View;
  readonly #joined: JoinedMemory;
  readonly #open: () => NumberSearch;
  readonly #judge: KeyJudge;
  readonly #markersNear: MarkersNear;
  readonly #targets: readonly SearchedPublicKey[];
  readonly #trials: CurveTrials;
  readonly #effort: EffortLevel;
  readonly #stopwatch: Stopwatch;
  /** Opened at the first run: most small files have none. */
  #search: NumberSearch | undefined;
  /** Set when the search has ended. */
  #limits: Limit[] | undefined;

  constructor(
    view: View,
    options: Omit<SearchOptions, 'proves' | 'readSerialised'>,
    { judge, pool, joined, net, ranges, markersNear, targets = [], stopwatch }: Parts,
  ) {
    this.#stopwatch = stopwatch;
    this.#trials = new CurveTrials({ pool, joined, net, ranges });
    this.#pool = pool;
    const proves = (material: KeyMaterial) => judge.proves(material);
    const artifact = joined.view(view);
    this.#open = () => new NumberSearch(artifact, { ...options, proves, readSerialised });
    this.#view = view;
    this.#joined = joined;
    this.#judge = judge;
    this.#markersNear = markersNear;
    this.#targets = targets;
    this.#effort = options.effort ?? 'normal';
    // Concurrently with the sweep: loading takes as long as searching a small dump.
    if (options.rules.key) preloadRsa(pool);
  }

  push(batch: Batch): Pausing<never> {
    return this.#intake.push(batch);
  }

  /** All keys at their places in the file, as {@link #keys}. */
  async *finish(
    stored: Storage | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<SecretCandidate> {
    for await (const candidate of this.#keys(stored && this.#joined.storage(stored), signal))
      yield this.#joined.placed(candidate, this.#view);
  }

  /**
   * All keys, when certificates and public keys are known. RSA keys are searched in a worker, if one is up
   * and can read the bytes. On failure of the worker, yields the other keys and throws; on abort those found
   * until then.
   */
  async *#keys(
    stored: Storage | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<SecretCandidate> {
    this.#intake.finish();
    const { joiner } = this.#judge;
    // The secret of a token may be a text, in an artifact without any run.
    const tokens = joiner.macTokens();
    const search = tokens.length > 0 ? this.#searching : this.#search;
    if (search === undefined) return;
    const publicKeys = await finishInTurns(this.#publicKeys(), signal);
    const context = { publicKeys, tokens, curveTokens: joiner.ecdsaTokens() };
    const request = search.rsaRequest(context);
    const elsewhere = request && stored && searchInWorker(this.#pool, { storage: stored, request });
    elsewhere?.catch(() => {});
    const heavy = (request !== undefined && isHeavy(request)) || context.tokens.length >= MANY_TOKENS;
    if (heavy) {
      this.#pool.terminateIdle();
      forgetKernels();
    }
    // In one order with and without a worker, so that the judge's budget skips the same keys.
    const others: SecretCandidate[] = [];
    const searched = await this.#searchOthers(search, context, { stored, signal, isLean: heavy }, others);
    let open = request;
    try {
      try {
        if (searched !== undefined) throw searched.error;
        signal?.throwIfAborted();
        if (request === undefined) return;
        const answer = elsewhere
          ? await orAborted(elsewhere, signal)
          : searchHere(request, this.#joined.reader, this.#judge);
        if (heavy) this.#pool.terminateIdle();
        yield* inTurns(search.rsaKeys(answer), signal);
        open = undefined;
      } finally {
        this.#limits = search.limits();
        if (signal?.aborted) this.#limits.push(...this.#stopped(signal, open, searched));
        yield* others;
      }
    } finally {
      this.#stopwatch.add('searches', search.clock.times);
      this.#stopwatch.addIdentities(publicKeys.map(kindOfIdentity));
      // Frees its memory before the sweep for copies.
      search.close();
      this.#search = undefined;
    }
  }

  *#publicKeys(): Pausing<never, SearchedPublicKey[]> {
    const { joiner } = this.#judge;
    const shown = [...joiner.publicKeys()];
    return yield* publicKeysOf(shown, this.#targets, this.#effort, {
      isFileBacked: this.#view.isFileBacked,
      nearMarker: this.#markersNear(shown.flatMap(({ places }) => places)),
      signers: (keys) => joiner.signersOfTokens(keys),
    });
  }

  /** The keys that are no RSA keys, added to `others` as they are found. Returns the error that ended it. */
  async #searchOthers(
    search: NumberSearch,
    context: SearchFacts,
    { stored, signal, isLean }: OtherSearches,
    others: SecretCandidate[],
  ): Promise<{ error: unknown } | undefined> {
    let failed: { error: unknown } | undefined;
    try {
      signal?.throwIfAborted();
      try {
        const trials = search.trials(context, stored !== undefined);
        await this.#trials.run(trials, stored, signal, search.clock);
      } catch (error) {
        signal?.throwIfAborted();
        failed = { error };
      }
      const found = isLean
        ? inTurns(search.otherKeys(context), signal)
        : onThreads(this.#pool, (threads) => search.otherKeys({ ...context, threads }), signal);
      for await (const candidate of found) others.push(candidate);
      return failed;
    } catch (error) {
      return { error };
    }
  }

  /** Limits for the searches that were stopped: that for RSA keys, if it is not done, and the others. */
  #stopped(signal: AbortSignal, rsa: RsaRequest | undefined, others: object | undefined): Limit[] {
    const range = { offset: 0, length: this.#view.reader.length, target: 'blind' } as const;
    const reason = (what: string) => `the search for ${what} was stopped: ${stopReason(signal)}`;
    const limits: Limit[] = [];
    if (rsa)
      limits.push({ ...range, search: 'rsa-numbers', left: windowsOf(rsa), reason: reason('RSA keys') });
    if (others)
      limits.push({ ...range, search: 'numbers', left: 1, reason: reason('keys without a marker') });
    return limits;
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
