import { setImmediate } from 'node:timers/promises';
import { formLength, isWideForm, literalIndex } from '../base/bytes/literal-id.js';
import type { Storage } from '../base/bytes/storage.js';
import { milliseconds } from '../base/runtime/clock.js';
import type { Detected, PublicRecord } from '../detect/core/types.js';
import { Examiner, type Hits } from '../detect/examine.js';
import { KeyJudge, type Settled } from '../judge/key-judge.js';
import { occurrenceOf } from '../model/occurrence.js';
import type { Extent } from '../model/report.js';
import type { PageCache } from '../source/page-cache.js';
import type { Artifact } from '../source/types.js';
import type { Numbers } from './bare-keys.js';
import type { ContainerSweep } from './container-sweep.js';
import { searchCopies } from './copies-sweep.js';
import { sha256 } from './digest.js';
import { besideContent, type SweepRequest, type Swept, stopReason, sweepArtifact } from './first-sweep.js';
import { describe, Ledger, type UnjudgedReport } from './ledger.js';
import { Opened } from './open-dump.js';
import type { ScanSession } from './scan-session.js';
import type { Decoded } from './stream-sweep.js';

/** Hits that are examined before anybody asks how long it took, and milliseconds after which signals are heard. */
const FEW_HITS = 256;
const BREATH_MS = 50;

const holdsNumbers = ({ runs, digits, texts, numbers }: Swept): boolean =>
  [runs, digits, texts].some((found) => found && found.offsets.length > 0) || (numbers?.byteLength ?? 0) > 0;

/** The scan of one artifact: sweep, then (when all keys are known) copies, then its report. */
export class ArtifactScan {
  readonly index: number;
  readonly #opened: Opened;
  readonly #ledger: Ledger;
  readonly #run: ScanSession;
  readonly #desk: KeyJudge;
  /** Loaded at the first number: most small files have none. */
  #numbers: Numbers | undefined;
  /** Where each key's own occurrences lie: what the copies sweep finds inside them is no news. */
  readonly #known = new Map<string, Extent[]>();

  readonly #swept: Decoded | undefined;
  #beside: ContainerSweep | undefined;

  /** `swept`: what sweeping the bytes gives, where that is done while they are decoded. */
  constructor(artifact: Artifact<Storage | PageCache>, index: number, run: ScanSession, swept?: Decoded) {
    this.index = index;
    this.#run = run;
    this.#swept = swept;
    run.pool.expect(artifact.storage.length);
    this.#opened = new Opened(artifact, index);
    this.#ledger = new Ledger(this.#opened);
    this.#desk = new KeyJudge((canonicalSpki) => run.find?.nameOf(canonicalSpki));
    run.fold.register(index, { path: artifact.path, mtime: artifact.mtime });
  }

  /** Bytes that were read. */
  get swept(): number {
    return this.#ledger.swept;
  }

  /** Bytes that it keeps in memory or in a spool while it is open. */
  get spooled(): number {
    return this.#opened.spooled;
  }

  /** Begins to sweep its bytes beside the content that is decoded from them. */
  sweepBeside(): ContainerSweep {
    this.#run.expect(this.#opened.length);
    this.#beside = besideContent(this.#opened, this.#request());
    return this.#beside;
  }

  /** Sweeps every byte, examines every hit and judges what was found. What is known so far stays when it is aborted. */
  async sweep(): Promise<void> {
    const { book, options, watch } = this.#run;
    const examiner = new Examiner(book.rules, this.#opened.view, {
      ...(options.deep ? { most: Number.POSITIVE_INFINITY } : {}),
    });
    if (this.#swept === undefined && this.#beside === undefined) this.#run.expect(this.#opened.length);
    const batches = sweepArtifact(this.#opened, this.#ledger, this.#request());
    try {
      for await (const swept of batches) {
        // The file may have grown since.
        examiner.view = this.#opened.view;
        await this.#examine(examiner, swept);
        if (!holdsNumbers(swept)) continue;
        const numbers = await this.#openNumbers();
        watch.time('take', () => numbers?.push(swept));
      }
      if (options.hash)
        this.#ledger.sha256 = this.#swept
          ? this.#swept.sha256()
          : await sha256(this.#opened.reader, options.signal);
    } finally {
      watch.time('detect', () => this.#takeAll(examiner.finish()));
      this.#ledger.skipped(examiner.limits());
      try {
        await watch.wait('numbers', () => this.#takeNumbers());
      } finally {
        watch.time('prove', () => this.#settle());
      }
    }
  }

  #request(): SweepRequest {
    const { book, pool, options } = this.#run;
    return {
      pool,
      net: book.net,
      runs: this.#run.numberRules !== undefined,
      lengthOf: (id) => formLength(book.rules.literals[literalIndex(id)]?.bytes.length ?? 0, isWideForm(id)),
      ...(options.signal ? { signal: options.signal } : {}),
      onBytes: (bytes) => this.#run.advance(bytes),
      ...(this.#swept ? { swept: this.#swept.batches } : {}),
      ...(this.#beside ? { beside: this.#beside } : {}),
    };
  }

  /** A batch of hits, piece by piece where they take long, so that signals and timers are heard. */
  async #examine(examiner: Examiner, { offsets, ids }: Hits): Promise<void> {
    const { watch, options } = this.#run;
    let size = FEW_HITS;
    for (let at = 0; at < offsets.length; ) {
      const end = Math.min(at + size, offsets.length);
      const started = milliseconds();
      watch.time('detect', () => this.#takeAll(examiner.push({ offsets, ids }, at, end)));
      at = end;
      if (milliseconds() - started < BREATH_MS) {
        size *= 2;
        continue;
      }
      size = Math.max(FEW_HITS, size / 4);
      await setImmediate();
      options.signal?.throwIfAborted();
    }
  }

  /** Looks for copies of all keys that the run has proven, and for what is asked for. */
  async searchCopies(): Promise<void> {
    if (this.#run.keys.size === 0) return;
    const { signal } = this.#run.options;
    try {
      signal?.throwIfAborted();
      await searchCopies(this.#opened, this.#ledger, this.#run, (finding) => this.#known.get(finding) ?? []);
    } catch (error) {
      if (!signal?.aborted) throw error;
      // The artifact itself was swept: its report must not be lost with its copies.
      this.#run.abort(stopReason(signal));
      this.#ledger.limits.push({
        offset: 0,
        length: this.#opened.length,
        search: 'copies',
        reason: stopReason(signal),
      });
    }
  }

  report(): UnjudgedReport {
    if (!this.#run.options.signal?.aborted)
      this.#ledger.warnings.push(...(this.#opened.dump.settle?.() ?? []));
    const { trouble } = this.#opened;
    if (trouble !== undefined) {
      this.#ledger.miss(0, null, trouble.message);
      this.#ledger.warnings.push(trouble);
    }
    const { failed, cutWindows, length } = this.#opened;
    if (failed !== undefined && this.#ledger.unread.length === 0)
      this.#ledger.miss(failed.offset, null, `could be read once and not again (${failed.error})`);
    if (cutWindows > 0)
      this.#ledger.limits.push({
        offset: 0,
        length,
        search: 'windows',
        reason: `${cutWindows} stretches around hits end early: they lie in more segments than any dump has`,
      });
    this.#ledger.limits.push(
      ...this.#run.fold.limits(this.index),
      ...this.#desk.limits(this.#opened.length),
      ...(this.#numbers?.limits() ?? []),
    );
    return describe(this.#opened, this.#ledger);
  }

  close(): void {
    this.#opened.artifact.close();
  }

  async #openNumbers(): Promise<Numbers | undefined> {
    const { numberRules: rules, options, find } = this.#run;
    if (rules === undefined) return undefined;
    const { Numbers } = await import('./bare-keys.js');
    this.#numbers ??= new Numbers(
      this.#opened.view,
      { rules, deep: options.deep ?? false },
      { desk: this.#desk, pool: this.#run.pool, asked: find?.publicKeys ?? [] },
    );
    return this.#numbers;
  }

  async #takeNumbers(): Promise<void> {
    const { options } = this.#run;
    // The key of a token may be a text, where there is no number.
    const numbers = this.#desk.joiner.holdsAuthenticated() ? await this.#openNumbers() : this.#numbers;
    const found = numbers?.finish(this.#opened.stored, options.signal) ?? [];
    for await (const candidate of found) this.#take(candidate);
  }

  #takeAll(detected: Iterable<Detected>): void {
    for (const each of detected) this.#take(each);
  }

  #settle(): void {
    for (const settled of this.#desk.settle()) this.#fold(settled);
  }

  #take(detected: Detected): void {
    if (detected.type === 'public') {
      this.#desk.joiner.addPublic(detected);
      this.#seePublic(detected);
      return;
    }
    // A placeholder such as "password" would mask half of every text; what its rule sees is masked all the same.
    for (const { confidence, secret, rule } of [detected, ...(detected.instead ?? [])])
      if (confidence !== 'low') this.#run.masker.learn(secret, rule.id);
    if (detected.rule.detector === 'jwt') this.#desk.joiner.addJwt(detected.offset, detected.secret);
    for (const settled of this.#desk.take(detected)) this.#fold(settled);
  }

  /** A public half that somebody asks for. */
  #seePublic(record: PublicRecord): void {
    const id = this.#run.find?.sawPublic(record, (offset) =>
      occurrenceOf({ offset, length: record.length }, this.#opened.locate(offset)),
    );
    if (id !== undefined) this.#know(id, [{ offset: record.offset, length: record.length }]);
  }

  #fold({ candidate, verdict }: Settled): void {
    const location = this.#opened.locate(candidate.offset);
    const finding = this.#run.fold.add({ candidate, ...location, ...verdict });
    if (finding === undefined || verdict.proof?.status !== 'proven') return;
    // Everybody has a published test key: its copies are no news.
    if (verdict.proof.published !== undefined) return;
    this.#run.keys.add({ finding, components: verdict.proof.components });
    this.#know(finding, candidate.extents);
  }

  #know(finding: string, extents: readonly Extent[]): void {
    const known = this.#known.get(finding);
    if (known) known.push(...extents);
    else this.#known.set(finding, [...extents]);
  }
}
