import { formLength, isWideForm, literalIndex } from '../core/base/bytes/literal-id.js';
import { openStorage, type Storage } from '../core/base/bytes/storage.js';
import { definedFields } from '../core/base/runtime/defined.js';
import { finishInTurns, inTurns } from '../core/base/runtime/turns.js';
import { limitOf } from '../core/limits/limit.js';
import type { ArtifactReport } from '../core/model/report.js';
import type { Stopwatch } from '../core/options/stopwatch.js';
import type { Detected } from '../detect/core/types.js';
import { KeyJudge } from '../prove/judge/key-judge.js';
import type { PageCache } from '../source/page-cache.js';
import type { Artifact } from '../source/types.js';
import type { ByteProgress } from './byte-progress.js';
import type { ContainerSweep } from './container-sweep.js';
import { searchCopies } from './copies-sweep.js';
import type { Findings } from './findings.js';
import { type SweepRequest, sweepArtifact, sweepAtOnce, sweepContainer } from './first-sweep.js';
import { describe, Ledger, type UnjudgedReport } from './ledger.js';
import { OpenDump } from './open-dump.js';
import type { Opened } from './opened.js';
import { SourceCandidates } from './source-candidates.js';
import { SourceFindings } from './source-findings.js';
import { stopReason } from './stop-reason.js';
import type { DecodedSweep } from './stream-sweep.js';
import { UnmarkedKeys } from './unmarked-keys.js';
import { lackingBy, mapOf, sha256 } from './whole-reads.js';

/** What the scan of an artifact needs of its report. */
export interface SourceSetup {
  opened: Opened;
  findings: Findings;
  progress: ByteProgress;
  stopwatch: Stopwatch;
  signal: AbortSignal | undefined;
}

/**
 * The scan of one artifact, stage by stage: sweep, candidates, keys without a marker, judge, findings; when
 * all keys are known the search for copies; then its report.
 */
export class SourceScan {
  readonly index: number;
  readonly #setup: SourceSetup;
  readonly #dump: OpenDump;
  readonly #ledger: Ledger;
  readonly #candidates: SourceCandidates;
  readonly #unmarked: UnmarkedKeys;
  readonly #findings: SourceFindings;
  /** Made for the first candidate: most members of archives have none. */
  #judgeIfMade: KeyJudge | undefined;
  readonly #decoded: DecodedSweep | undefined;
  #container: ContainerSweep | undefined;
  /** The search for copies, once it has begun. */
  #copies: Promise<string | undefined> | undefined;

  /** `decoded`: the sweep of the bytes, if they were swept while they were decoded. */
  constructor(
    artifact: Artifact<Storage | PageCache>,
    index: number,
    setup: SourceSetup,
    decoded?: DecodedSweep,
  ) {
    const { opened, findings, stopwatch, signal } = setup;
    const { book, effort, observer, pool, bareKeyRules: rules } = opened;
    this.index = index;
    this.#setup = setup;
    this.#decoded = decoded;
    pool.expect(artifact.storage.length);
    this.#dump = new OpenDump(artifact, index);
    this.#ledger = new Ledger(this.#dump);
    this.#findings = new SourceFindings(this.#dump, findings, book);
    this.#candidates = new SourceCandidates(
      this.#dump,
      { book, effort, stopwatch, pool, observer, signal },
      (detected) => this.#accept(detected),
    );
    const targets = () => findings.find?.publicKeys ?? [];
    const judge = () => this.#judge;
    this.#unmarked = new UnmarkedKeys(this.#dump, { book, rules, effort, pool, targets, stopwatch, judge });
    findings.sink.artifact(index, { path: artifact.path, mtime: artifact.mtime });
  }

  get #judge(): KeyJudge {
    const { opened, findings } = this.#setup;
    const nameOf = (canonicalSpki: Uint8Array) => findings.find?.nameOf(canonicalSpki);
    this.#judgeIfMade ??= new KeyJudge(nameOf, opened.effort);
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

  /** Files that its dump promises beside it. */
  get companions() {
    return this.#dump.dump.companions;
  }

  /** Bytes that it keeps in memory or in a spool while it is open. */
  get spooled(): number {
    return this.#dump.spooled;
  }

  /** Begins to sweep its bytes while the content of the container is decoded from them. */
  sweepBesideContent(): ContainerSweep {
    this.#setup.progress.expect(this.#dump.length);
    this.#container = sweepContainer(this.#dump, this.#request());
    return this.#container;
  }

  /**
   * Sweeps every byte, examines every hit and judges all candidates. After an abort, those found until then.
   */
  async scan(): Promise<void> {
    const { opened, stopwatch, progress, signal } = this.#setup;
    if (this.#decoded === undefined && this.#container === undefined) progress.expect(this.#dump.length);
    const request = this.#request();
    try {
      const atOnce = sweepAtOnce(this.#dump, this.#ledger, request);
      if (atOnce === undefined && this.#decoded === undefined) request.marks = await this.#candidates.marks();
      for await (const swept of atOnce ?? sweepArtifact(this.#dump, this.#ledger, request)) {
        await this.#candidates.take(swept);
        await this.#unmarked.take(swept);
      }
      await stopwatch.wait('owners', () => this.#candidates.findOwned(this.#ledger));
      if (opened.options.hash) this.#ledger.sha256 = await this.#sha256();
      await this.#audit();
      if (opened.options.regions)
        this.#ledger.map = await mapOf(this.#dump, this.#decoded?.entropy(), signal);
    } finally {
      await this.#candidates.finish(this.#ledger);
      try {
        if (this.#judgeIfMade !== undefined || this.#unmarked.isOpen)
          await stopwatch.wait('numbers', () => this.#acceptUnmarked());
      } finally {
        await stopwatch.wait('prove', () => this.#settle());
      }
    }
  }

  /** Digest of the artifact's bytes: of an archive with all of its members. Undefined if one was not read. */
  async #sha256(): Promise<string | undefined> {
    const { sha256: known, whole } = this.#dump.artifact;
    if (known !== undefined) return known;
    if (this.#decoded !== undefined) return this.#decoded.sha256();
    const reader = whole === undefined ? this.#dump.rangeReader() : openStorage(whole);
    return sha256(reader, this.#setup.signal);
  }

  /** Compares the dump with its header, unless that was done while it was decoded. */
  async #audit(): Promise<void> {
    const audit = this.#decoded === undefined ? this.#dump.dump.audit?.() : undefined;
    if (audit === undefined) return;
    const lacking = await lackingBy(audit, this.#dump.rangeReader(), this.#setup.signal);
    for (const { offset, length, reason } of lacking) this.#ledger.miss(offset, length, reason);
  }

  #request(): SweepRequest {
    const { opened, progress, signal } = this.#setup;
    const { book, pool, bareKeyRules } = opened;
    return {
      pool,
      net: book.net,
      runs: bareKeyRules !== undefined,
      lengthOf: (id) => formLength(book.rules.literals[literalIndex(id)]?.bytes.length ?? 0, isWideForm(id)),
      ...(signal ? { signal } : {}),
      onBytes: (bytes) => progress.advance(bytes),
      ...(this.#decoded ? { decoded: this.#decoded.batches } : {}),
      ...(this.#container ? { container: this.#container } : {}),
    };
  }

  async #acceptUnmarked(): Promise<void> {
    for await (const candidate of this.#unmarked.finish(this.#setup.signal)) this.#accept(candidate);
  }

  #accept(detected: Detected): void {
    const judge = this.#judge;
    if (detected.type === 'public') {
      judge.joiner.addPublic(detected);
      this.#findings.publicHalf(detected);
      return;
    }
    this.#findings.mask(detected);
    if (detected.rule.kind === 'private-key') this.#unmarked.mark(detected.offset);
    if (detected.rule.detector === 'jwt') judge.joiner.addJwt(detected, detected.secret);
    if (detected.rule.detector === 'session') judge.joiner.sessions.add(detected, detected.secret);
    for (const settled of judge.take(detected)) this.#findings.settled(settled);
  }

  async #settle(): Promise<void> {
    const all = this.#judgeIfMade?.settleInTurns(this.#setup.signal) ?? [];
    for await (const settled of all) this.#findings.settled(settled);
    await finishInTurns(this.#findings.weigh(() => this.#candidates.census()));
    this.#candidates.wipe();
  }

  /**
   * Searches, once, for copies of all keys of this report, and of the targets of `--find`. Returns why it was
   * stopped, if it was. `isLast`: no further artifact will be searched.
   */
  searchCopies(isLast: boolean): Promise<string | undefined> {
    this.#copies ??= this.#searchCopies(isLast);
    return this.#copies;
  }

  async #searchCopies(isLast: boolean): Promise<string | undefined> {
    const { findings, opened, signal } = this.#setup;
    const { copyTargets, find, sink } = findings;
    if (copyTargets.size === 0) return undefined;
    find?.judgesBy(this.index, (value, near) => this.#judge.judgeValue(value, near));
    try {
      signal?.throwIfAborted();
      await searchCopies(this.#dump, this.#ledger, {
        groups: inTurns(copyTargets.groups(isLast), signal),
        sweeps: copyTargets.sweeps,
        knownPlaces: (id) => this.#findings.knownPlaces(id),
        sink,
        pool: opened.pool,
        ...(signal ? { signal } : {}),
      });
      return undefined;
    } catch (error) {
      if (!signal?.aborted) throw error;
      // The artifact was swept: its report must not be lost with its copies.
      const range = { offset: 0, length: this.#dump.length };
      this.#ledger.limits.push(limitOf('copies', { left: copyTargets.size }, range, stopReason(signal)));
      return stopReason(signal);
    }
  }

  async report(): Promise<UnjudgedReport> {
    const { findings, signal } = this.#setup;
    await this.#completeNames();
    this.#ledger.reread(this.#dump);
    this.#ledger.limits.push(
      ...(this.#judgeIfMade?.limits(this.#dump.length) ?? []),
      ...this.#unmarked.limits(),
    );
    if (this.#dump.artifact.isDecoded?.() && !signal?.aborted) this.#ledger.dropLimits();
    else this.#ledger.dropUnreadLimits();
    this.#ledger.limits.push(...findings.folded.limits(this.index));
    // Last: nothing reads the file after that.
    this.#ledger.compare(this.#dump.artifact.watch);
    return describe(this.#dump, this.#ledger);
  }

  /** A stop leaves provisional names. */
  async #completeNames(): Promise<void> {
    const { signal } = this.#setup;
    const names = signal?.aborted ? undefined : this.#dump.dump.completeNames?.();
    if (names === undefined) return;
    try {
      this.#ledger.warnings.push(...(await finishInTurns(names, signal)));
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }

  /** The report where the scan failed: nothing of it counts as read. */
  unsearched(reason: string): Omit<ArtifactReport, 'verdict'> {
    const { path, format, size, mtime } = describe(this.#dump, this.#ledger);
    const unread = [{ offset: 0, length: size, reason }];
    const coverage = { file: { bytes: size, unread }, limits: [] };
    return { path, format, size, ...definedFields({ mtime }), coverage, warnings: [] };
  }

  close(): void {
    this.#dump.artifact.close();
  }
}
