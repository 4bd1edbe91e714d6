import { setImmediate } from 'node:timers/promises';
import { formLength, isWideForm, literalIndex } from '../base/bytes/literal-id.js';
import type { Storage } from '../base/bytes/storage.js';
import { milliseconds } from '../base/runtime/clock.js';
import { definedFields } from '../base/runtime/defined.js';
import type { Detected, PublicRecord } from '../detect/core/types.js';
import { Examiner, type Hits } from '../detect/examine.js';
import type { ValueExaminer } from '../detect/values/examiner.js';
import { KeyJudge, type Settled } from '../judge/key-judge.js';
import { judgeText } from '../judge/text-secret.js';
import { limitOf } from '../limits/other-limits.js';
import { budgetOf } from '../model/effort.js';
import { occurrenceOf } from '../model/occurrence.js';
import type { Extent } from '../model/report.js';
import { identify } from '../prove/fingerprint.js';
import type { PageCache } from '../source/page-cache.js';
import type { Artifact } from '../source/types.js';
import type { ValueHits } from '../sweep/types.js';
import { bareKeyRules } from './bare-key-rules.js';
import type { BareKeys } from './bare-keys.js';
import type { ContainerSweep } from './container-sweep.js';
import { searchCopies } from './copies-sweep.js';
import { sha256 } from './digest.js';
import type { DocumentedTokens } from './documented-tokens.js';
import { type SweepRequest, sweepArtifact, sweepAtOnce, sweepContainer } from './first-sweep.js';
import { describe, Ledger, type UnjudgedReport } from './ledger.js';
import { maskCandidate, maskProven } from './mask-secrets.js';
import { mayHoldBareKeys } from './may-hold-bare-keys.js';
import { misalignedSegments } from './misaligned-segments.js';
import { OpenDump } from './open-dump.js';
import type { ScanSession } from './scan-session.js';
import type { SessionSecrets } from './session-secrets.js';
import { stopReason } from './stop-reason.js';
import type { DecodedSweep } from './stream-sweep.js';

/** Least number of hits that are examined without a look at the clock. */
const FEW_HITS = 256;
/** Number of values that are examined before signals and timers get a turn. */
const MANY_VALUES = 1024;
/** Milliseconds of examination after which signals and timers get a turn. */
const YIELD_MS = 50;

/** The scan of one artifact: first sweep, search for copies (when all keys are known), report. */
export class ArtifactScan {
  readonly index: number;
  readonly #dump: OpenDump;
  readonly #ledger: Ledger;
  readonly #session: ScanSession;
  /** Made for the first candidate: most members of archives have none. */
  #judgeIfMade: KeyJudge | undefined;
  /** Loaded at the first number: most small files have none. */
  #bareKeys: BareKeys | undefined;
  /** Loaded at the first value. */
  #values: ValueExaminer | undefined;
  #documented: DocumentedTokens | undefined;
  #sessionSecrets: SessionSecrets | undefined;
  /** Known places of each key, by id: the search for copies leaves out what it finds inside them. */
  readonly #knownPlaces = new Map<string, Extent[]>();
  readonly #decoded: DecodedSweep | undefined;
  #container: ContainerSweep | undefined;

  /** `decoded`: the sweep of the bytes, if they were swept while they were decoded. */
  constructor(
    artifact: Artifact<Storage | PageCache>,
    index: number,
    session: ScanSession,
    decoded?: DecodedSweep,
  ) {
    this.index = index;
    this.#session = session;
    this.#decoded = decoded;
    session.pool.expect(artifact.storage.length);
    this.#dump = new OpenDump(artifact, index);
    this.#ledger = new Ledger(this.#dump);
    session.sink.artifact(index, { path: artifact.path, mtime: artifact.mtime });
  }

  get #judge(): KeyJudge {
    const { find, effort } = this.#session;
    this.#judgeIfMade ??= new KeyJudge((canonicalSpki) => find?.nameOf(canonicalSpki), effort);
    return this.#judgeIfMade;
  }

  /** Bytes that were read. */
  get swept(): number {
    return this.#ledger.swept;
  }

  /** Bytes that were searched. Not those of a container that was decoded: an empty one has some. */
  get searched(): number {
    const { container, unread } = this.#dump.artifact;
    return container === undefined || unread.length > 0 ? this.swept : 0;
  }

  /** Bytes that it keeps in memory or in a spool while it is open. */
  get spooled(): number {
    return this.#dump.spooled;
  }

  /** Begins to sweep its bytes while the content of the container is decoded from them. */
  sweepBesideContent(): ContainerSweep {
    this.#session.addTotalBytes(this.#dump.length);
    this.#container = sweepContainer(this.#dump, this.#request());
    return this.#container;
  }

  /**
   * Sweeps every byte, examines every hit and judges all candidates. After an abort, those found until then.
   */
  async scan(): Promise<void> {
    const { book, options, stopwatch, effort, observer } = this.#session;
    let examiner: Examiner | undefined;
    if (this.#decoded === undefined && this.#container === undefined)
      this.#session.addTotalBytes(this.#dump.length);
    const request = this.#request();
    try {
      const batches =
        sweepAtOnce(this.#dump, this.#ledger, request) ?? sweepArtifact(this.#dump, this.#ledger, request);
      for await (const swept of batches) {
        if (swept.offsets.length > 0) {
          const { view } = this.#dump;
          examiner ??= new Examiner(book.rules, view, { budget: budgetOf({ effort }), observer });
          // The dump is re-read when the file grew; use its current view.
          examiner.view = view;
          await this.#examine(examiner, swept);
        }
        if (swept.values) await this.#examineValues(swept.values);
        if (!mayHoldBareKeys(swept, this.#dump)) continue;
        const bareKeys = await this.#openBareKeys();
        stopwatch.time('take', () => bareKeys?.push(swept));
      }
      if (options.hash)
        this.#ledger.sha256 = this.#decoded
          ? this.#decoded.sha256()
          : await sha256(this.#dump.rangeReader(), options.signal);
    } finally {
      stopwatch.time('detect', () => this.#acceptAll(examiner?.finish() ?? []));
      stopwatch.time('detect', () => this.#acceptAll(this.#values?.finish() ?? []));
      this.#ledger.skipped(examiner?.limits() ?? []);
      this.#ledger.limits.push(...(this.#values?.limits() ?? []));
      this.#ledger.limits.push(...(examiner?.shortened() ?? []));
      try {
        if (this.#judgeIfMade !== undefined || this.#bareKeys !== undefined)
          await stopwatch.wait('numbers', () => this.#acceptBareKeys());
      } finally {
        stopwatch.time('prove', () => this.#settle());
      }
    }
  }

  #request(): SweepRequest {
    const { book, pool, options, bareKeyRules } = this.#session;
    return {
      pool,
      net: book.net,
      runs: bareKeyRules !== undefined,
      lengthOf: (id) => formLength(book.rules.literals[literalIndex(id)]?.bytes.length ?? 0, isWideForm(id)),
      ...(options.signal ? { signal: options.signal } : {}),
      onBytes: (bytes) => this.#session.advance(bytes),
      ...(this.#decoded ? { decoded: this.#decoded.batches } : {}),
      ...(this.#container ? { container: this.#container } : {}),
    };
  }

  /** Examines a batch of hits piece by piece, so that signals and timers get a turn. */
  async #examine(examiner: Examiner, { offsets, ids }: Hits): Promise<void> {
    const { stopwatch, options } = this.#session;
    let size = FEW_HITS;
    for (let at = 0; at < offsets.length; ) {
      const end = Math.min(at + size, offsets.length);
      const started = milliseconds();
      stopwatch.time('detect', () => this.#acceptAll(examiner.push({ offsets, ids }, at, end)));
      at = end;
      if (milliseconds() - started < YIELD_MS) {
        size *= 2;
        continue;
      }
      size = Math.max(FEW_HITS, size / 4);
      await setImmediate();
      options.signal?.throwIfAborted();
    }
  }

  async #examineValues({ offsets, ids }: ValueHits): Promise<void> {
    const { book, effort, stopwatch, options } = this.#session;
    const { view } = this.#dump;
    const { ValueExaminer } = await import('../detect/values/examiner.js');
    const budget = budgetOf({ effort });
    const tables = book.net.values?.names;
    const { observer } = this.#session;
    const setup = { budget, observer, ...definedFields({ tables }) };
    this.#values ??= new ValueExaminer(book.rules.rules, view, setup);
    this.#values.view = view;
    for (let at = 0; at < offsets.length; at += MANY_VALUES) {
      const end = Math.min(at + MANY_VALUES, offsets.length);
      stopwatch.time('detect', () => this.#acceptAll(this.#values!.push({ offsets, ids }, at, end)));
      if (end < offsets.length) await setImmediate();
      options.signal?.throwIfAborted();
    }
  }

  /** Searches for copies of all keys proven in this session, and of the targets of `--find`. */
  async searchCopies(): Promise<void> {
    const { copyTargets, find, pool, sink, options, outcome } = this.#session;
    if (copyTargets.size === 0) return;
    find?.judgesBy(this.index, (value, near) => judgeText(this.#judge.joiner, value, near));
    const { signal } = options;
    try {
      signal?.throwIfAborted();
      await searchCopies(this.#dump, this.#ledger, {
        groups: copyTargets.groups(),
        knownPlaces: (id) => this.#knownPlaces.get(id) ?? [],
        sink,
        pool,
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      if (!signal?.aborted) throw error;
      // The artifact was swept: its report must not be lost with its copies.
      outcome.abort(stopReason(signal));
      const range = { offset: 0, length: this.#dump.length };
      this.#ledger.limits.push(limitOf('copies', { left: copyTargets.size }, range, stopReason(signal)));
    }
  }

  report(): UnjudgedReport {
    const { options, folded } = this.#session;
    if (!options.signal?.aborted) this.#ledger.warnings.push(...(this.#dump.dump.completeNames?.() ?? []));
    this.#ledger.reread(this.#dump);
    this.#ledger.limits.push(
      ...(this.#judgeIfMade?.limits(this.#dump.length) ?? []),
      ...(this.#bareKeys?.limits() ?? []),
      ...(this.#documented?.limits() ?? []),
      ...(this.#sessionSecrets?.limits(this.#dump.length) ?? []),
    );
    // What could be missed in compressed bytes is searched for in their content.
    if (this.#dump.artifact.isDecoded?.() && !options.signal?.aborted) this.#ledger.limits.length = 0;
    this.#ledger.limits.push(...folded.limits(this.index));
    // Last: nothing reads the file after that.
    this.#ledger.compare(this.#dump.artifact.watch);
    return describe(this.#dump, this.#ledger);
  }

  close(): void {
    this.#dump.artifact.close();
  }

  async #openBareKeys(): Promise<BareKeys | undefined> {
    const { bareKeyRules: rules, effort, find, pool } = this.#session;
    if (rules === undefined) return undefined;
    const { BareKeys } = await import('./bare-keys.js');
    this.#bareKeys ??= new BareKeys(
      this.#dump.view,
      { rules, effort },
      {
        ...{ judge: this.#judge, pool, joined: this.#dump.joined, targets: find?.publicKeys ?? [] },
        net: this.#session.book.net,
        ranges: () => [{ from: 0, to: this.#dump.length }, ...misalignedSegments(this.#dump.dump.segments)],
      },
    );
    return this.#bareKeys;
  }

  async #acceptBareKeys(): Promise<void> {
    const { signal } = this.#session.options;
    // The key of a token may be text, in an artifact without numbers.
    const bareKeys = this.#judge.joiner.hasMacTokens() ? await this.#openBareKeys() : this.#bareKeys;
    for await (const candidate of bareKeys?.finish(this.#dump.stored, signal) ?? []) this.#accept(candidate);
    if (this.#judge.joiner.hasTokens()) await this.#acceptDocumentedKeys();
    await this.#acceptSessionSecrets();
  }

  async #acceptDocumentedKeys(): Promise<void> {
    const { book, effort } = this.#session;
    const { DocumentedTokens } = await import('./documented-tokens.js');
    this.#documented = new DocumentedTokens(bareKeyRules(book.rules.rules) ?? {}, effort);
    for (const candidate of this.#documented.candidates(this.#judge.joiner)) this.#accept(candidate);
  }

  /** Secrets of sessions that no rule has found. */
  async #acceptSessionSecrets(): Promise<void> {
    const { secret } = this.#session.bareKeyRules ?? {};
    this.#judge.judgeTexts();
    const samples = secret && this.#judge.joiner.sessions.samples();
    if (secret === undefined || samples === undefined || this.#session.options.signal?.aborted) return;
    const { SessionSecrets } = await import('./session-secrets.js');
    this.#sessionSecrets = new SessionSecrets(samples);
    for (const candidate of this.#sessionSecrets.documented(secret)) this.#accept(candidate);
    const isComplete = this.#session.effort === 'deep';
    const { reader } = this.#dump.view;
    for (const candidate of this.#sessionSecrets.candidates(secret, reader, isComplete))
      this.#accept(candidate);
  }

  #acceptAll(detected: Iterable<Detected>): void {
    for (const each of detected) this.#accept(each);
  }

  #settle(): void {
    for (const settled of this.#judgeIfMade?.settle() ?? []) this.#reportFinding(settled);
  }

  #accept(detected: Detected): void {
    if (detected.type === 'public') {
      this.#judge.joiner.addPublic(detected);
      this.#findPublic(detected);
      return;
    }
    // A placeholder such as "password" would mask half of every text. Its rule masks it where it matches.
    for (const each of [detected, ...(detected.fallbacks ?? [])])
      if (each.confidence !== 'low') maskCandidate(this.#session.masker, each);
    if (detected.rule.detector === 'jwt') this.#judge.joiner.addJwt(detected, detected.secret);
    if (detected.rule.detector === 'session') this.#judge.joiner.sessions.add(detected, detected.secret);
    for (const settled of this.#judge.take(detected)) this.#reportFinding(settled);
  }

  /** The public half of a `--find` target. */
  #findPublic(record: PublicRecord): void {
    const { offset, length } = record;
    const id = this.#session.find?.sawPublic(record, () =>
      occurrenceOf({ offset, length }, this.#dump.locate(offset)),
    );
    if (id !== undefined) this.#rememberPlaces(id, [{ offset, length }]);
  }

  #reportFinding({ candidate, verdict }: Settled): void {
    const { proof } = verdict;
    const identity = identify(candidate, proof);
    if (proof?.status === 'proven') maskProven(this.#session.masker, proof, candidate.rule.id);
    const judged = { candidate, ...this.#dump.locate(candidate.offset), ...verdict };
    const wantsCopies = this.#session.sink.judged(judged, identity);
    if (!wantsCopies) return;
    const value = this.#session.copiedValue?.(identity.id);
    if (value !== undefined) {
      this.#session.copyTargets.add({ finding: identity.id, components: [], value });
      this.#rememberPlaces(identity.id, candidate.extents);
      return;
    }
    if (proof?.status !== 'proven' || proof.components.length === 0) return;
    // A published test key is in many programs: its copies are searched for only where it is in use. A secret
    // of documentation is a common word.
    const isInUse = verdict.verifiesToken === true && proof.canonicalSpki.length > 0;
    if (proof.published !== undefined && !isInUse) return;
    this.#session.copyTargets.add({ finding: identity.id, components: proof.components });
    this.#rememberPlaces(identity.id, candidate.extents);
  }

  #rememberPlaces(id: string, extents: readonly Extent[]): void {
    const known = this.#knownPlaces.get(id);
    if (known) known.push(...extents);
    else this.#knownPlaces.set(id, [...extents]);
  }
}
