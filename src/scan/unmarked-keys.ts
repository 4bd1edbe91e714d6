import { finishInTurns, inTurns, Turns } from '../core/base/runtime/turns.js';
import { type Limit, limitOf } from '../core/limits/limit.js';
import type { EffortLevel } from '../core/model/effort.js';
import type { Stopwatch } from '../core/options/stopwatch.js';
import type { SecretCandidate } from '../detect/core/types.js';
import type { Rulebook } from '../detect/rulebook/rulebook.js';
import type { KeyJudge } from '../prove/judge/key-judge.js';
import type { SearchedPublicKey } from '../search/core/types.js';
import type { SweepPool } from '../sweep/pool.js';
import { type Runs, SHORTEST_WORDS } from '../sweep/runs/run-joiner.js';
import { SHORTEST_TEXT } from '../sweep/runs/texts.js';
import { type BareKeyRules, bareKeyRules } from './bare-key-rules.js';
import type { BareKeys } from './bare-keys.js';
import type { DocumentedTokens } from './documented-tokens.js';
import type { Swept } from './first-sweep.js';
import { misalignedSegments } from './misaligned-segments.js';
import type { OpenDump } from './open-dump.js';
import { PrivateMarkers } from './private-markers.js';
import type { SessionSecrets } from './session-secrets.js';
import { stopReason } from './stop-reason.js';

export interface UnmarkedKeySetup {
  book: Rulebook;
  /** Undefined if the search for bare keys is off. */
  rules: BareKeyRules | undefined;
  effort: EffortLevel;
  pool: SweepPool;
  /** Public halves that are searched for, in the artifact or not. */
  targets: () => readonly SearchedPublicKey[];
  stopwatch: Stopwatch;
  /** Made at its first use. */
  judge: () => KeyJudge;
}

/** Keys that no literal leads to: bare numbers, secrets of documentation, secrets of sessions. */
export class UnmarkedKeys {
  readonly #dump: OpenDump;
  readonly #setup: UnmarkedKeySetup;
  /** Undefined if the search for bare keys is off. */
  readonly #markers: PrivateMarkers | undefined;
  /** Loaded at the first number: most small files have none. */
  #bareKeys: BareKeys | undefined;
  #documented: DocumentedTokens | undefined;
  #sessionSecrets: SessionSecrets | undefined;
  /** Why the search has ended early, if it has. */
  #stopped: string | undefined;

  constructor(dump: OpenDump, setup: UnmarkedKeySetup) {
    this.#dump = dump;
    this.#setup = setup;
    this.#markers = setup.rules && new PrivateMarkers(setup.book.rules);
  }

  /** A private key that a marker has led to begins here. */
  mark(offset: number): void {
    this.#markers?.addPlace(offset);
  }

  /** True if it has numbers to search. */
  get isOpen(): boolean {
    return this.#bareKeys !== undefined;
  }

  async take(swept: Swept): Promise<void> {
    this.#markers?.add(swept);
    if (!mayHoldBareKeys(swept, this.#dump)) return;
    const bareKeys = await this.#open();
    if (bareKeys === undefined) return;
    await this.#setup.stopwatch.wait('take', () => finishInTurns(bareKeys.push(swept)));
  }

  async #open(): Promise<BareKeys | undefined> {
    const { rules, effort, pool, book, targets, judge, stopwatch } = this.#setup;
    if (rules === undefined) return undefined;
    const { BareKeys } = await import('./bare-keys.js');
    this.#bareKeys ??= new BareKeys(
      this.#dump.view,
      { rules, effort },
      {
        ...{ judge: judge(), pool, joined: this.#dump.joined, targets: targets(), net: book.net },
        stopwatch,
        markersNear: (encodings) => this.#markers!.near(encodings),
        ranges: () => [{ from: 0, to: this.#dump.length }, ...misalignedSegments(this.#dump.dump.segments)],
      },
    );
    return this.#bareKeys;
  }

  /** All keys, when all other candidates are judged. The consumer judges each before it takes the next. */
  async *finish(signal: AbortSignal | undefined): AsyncGenerator<SecretCandidate> {
    let isDone = false;
    try {
      const turns = new Turns();
      for await (const key of this.#keys(signal)) {
        yield key;
        if (turns.isDue) await turns.take();
      }
      isDone = true;
    } finally {
      if (!isDone && signal?.aborted) this.#stopped = stopReason(signal);
    }
  }

  async *#keys(signal: AbortSignal | undefined): AsyncGenerator<SecretCandidate> {
    const { joiner } = this.#setup.judge();
    await finishInTurns(joiner.orderTokens(), signal);
    // The key of a token may be text, in an artifact without numbers.
    const bareKeys = joiner.hasMacTokens() ? await this.#open() : this.#bareKeys;
    if (bareKeys !== undefined) yield* bareKeys.finish(this.#dump.stored, signal);
    if (joiner.hasTokens()) yield* this.#documentedKeys(signal);
    yield* this.#secretsOfSessions(signal);
  }

  async *#documentedKeys(signal: AbortSignal | undefined): AsyncGenerator<SecretCandidate> {
    signal?.throwIfAborted();
    const { book, effort, judge } = this.#setup;
    const { DocumentedTokens } = await import('./documented-tokens.js');
    this.#documented = new DocumentedTokens(bareKeyRules(book.rules.rules) ?? {}, effort);
    yield* inTurns(this.#documented.candidates(judge().joiner), signal);
  }

  /** Secrets of sessions that no rule has found. */
  async *#secretsOfSessions(signal: AbortSignal | undefined): AsyncGenerator<SecretCandidate> {
    const { rules, effort } = this.#setup;
    const judge = this.#setup.judge();
    await finishInTurns(judge.judgeTexts(), signal);
    const secret = rules?.secret;
    const samples = secret && judge.joiner.sessions.samples();
    if (secret === undefined || samples === undefined || signal?.aborted) return;
    const { SessionSecrets } = await import('./session-secrets.js');
    this.#sessionSecrets = new SessionSecrets(samples);
    yield* inTurns(this.#sessionSecrets.documented(secret), signal);
    const { reader } = this.#dump.view;
    yield* inTurns(this.#sessionSecrets.candidates(secret, reader, effort === 'deep'), signal);
  }

  #notSearched(): Limit[] {
    if (this.#stopped === undefined) return [];
    const reason = `secrets of tokens and sessions were not all searched for: ${this.#stopped}`;
    return [limitOf('session-secrets', { left: 1 }, { offset: 0, length: this.#dump.length }, reason)];
  }

  limits(): Limit[] {
    return [
      ...(this.#bareKeys?.limits() ?? []),
      ...(this.#documented?.limits() ?? []),
      ...(this.#sessionSecrets?.limits(this.#dump.length) ?? []),
      ...this.#notSearched(),
    ];
  }
}

/** Bytes that one kernel call sweeps as a whole. */
const ONE_CALL = 64 * 1024;

const ofLength = ({ words }: Runs, least: number): boolean => words.some((count) => count >= least);

/**
 * Whether a batch has what the search for bare keys takes. A kernel call keeps short runs at its ends, which
 * may go on in another batch: if it is the only one, they are none. Most texts have one there.
 */
export function mayHoldBareKeys(
  { runs, digits, texts, numbers, decoded, from, to }: Swept,
  { length, live, dump }: Pick<OpenDump, 'length' | 'live' | 'dump'>,
): boolean {
  if ([numbers, decoded].some((records) => records && records.byteLength > 0)) return true;
  const isWhole = from === 0 && to === length && live === undefined && dump.segments.length === 0;
  const isOnly = isWhole && length <= ONE_CALL;
  const words = isOnly ? SHORTEST_WORDS : 1;
  return (
    (runs !== undefined && ofLength(runs, words)) ||
    (digits !== undefined && ofLength(digits, words)) ||
    (texts !== undefined && ofLength(texts, isOnly ? SHORTEST_TEXT : 1))
  );
}
