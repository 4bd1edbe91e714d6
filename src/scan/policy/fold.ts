import { finishInTurns, Pace, type Pausing } from '../../core/base/runtime/turns.js';
import { type Limit, limitOf } from '../../core/limits/limit.js';
import { occurrenceOf } from '../../core/model/occurrence.js';
import {
  confidenceRank,
  type Finding,
  type Occurrence,
  type Region,
  severityRank,
} from '../../core/model/report.js';
import { type SecretIdentity, slowFingerprints } from '../../prove/fingerprint.js';
import type { FindingSink, SinkArtifact } from '../../prove/judge/finding-sink.js';
import { type Judged, notesOf } from '../../prove/judge/judged.js';
import { byPlace } from './by-place.js';
import { COUNT_DEFAULTS, type CountOptions, decide, type GateDecision } from './counts.js';
import { internLines } from './description.js';
import type { FoldedFindings } from './folded-findings.js';
import type { Suppression } from './known-secrets.js';
import { Occurrences } from './occurrences.js';
import { Overflow } from './overflow.js';
import { Overlaps } from './overlaps.js';
import { PlaceBudget, RecentPlaces } from './place-budget.js';
import type { PlaceCaps } from './place-list.js';
import { FindingRecord } from './record.js';

/** True for a secret that `--find` searches for. `id` is that of its finding. */
type IsTarget = (id: string, judged: Judged) => boolean;

/** Caps of the fold. */
export interface FoldCaps {
  /** Listed findings of one artifact. Default 100,000. */
  findings?: number;
  /** Listed occurrences of one finding. Default 1,000. */
  occurrences?: number;
  /**
   * Occurrences of all findings beyond these, where one lies in more artifacts: each artifact has one.
   * Default 200,000 (30 MB).
   */
  furtherOccurrences?: number;
  /** Slow fingerprints of one scan. Default 1,000 (40 s). */
  slowFingerprints?: number;
}

export interface FoldOptions extends FoldCaps {
  counts?: CountOptions;
  suppression?: Suppression;
  isTarget?: IsTarget;
}

interface ArtifactFacts {
  path: string;
  /** Milliseconds. */
  mtime: number | undefined;
}

/** What is kept of an artifact from its first finding on: most members of archives have none. */
interface ArtifactState extends ArtifactFacts {
  /** Every finding with a place in this artifact. */
  records: Set<FindingRecord>;
  /** Findings charged to this artifact. */
  listed: number;
  overflow: Overflow;
  /** Listed findings that did not count when they were added: they are evicted for one that does. */
  evictable: string[];
  /** Guessable secrets without a fingerprint. */
  unfingerprinted: number;
}

/** A finding with what its place in the report depends on. */
interface Row {
  record: FindingRecord;
  absorbed: readonly FindingRecord[];
  rank: number;
  first: Occurrence;
}

/** Findings that are ranked between two pauses. */
const PACE = 256;

/** Cap on interned regions: a flood of findings lies in few regions. */
const REGIONS = 65_536;

/**
 * Folds candidates and their copies into one finding a secret, by identity: a key found as PEM, DER and JWK
 * is one finding, and so is a token in UTF-8 and UTF-16. Of different secrets that overlap, the most specific
 * one keeps the place ({@link Overlaps}). {@link FoldCaps} bounds the memory. Below these caps the result
 * does not depend on the order of candidates.
 */
export class Fold implements FindingSink, FoldedFindings {
  readonly #options: Required<Omit<FoldOptions, 'suppression' | 'isTarget'>>;
  readonly #suppression: Suppression | undefined;
  readonly #isTarget: IsTarget | undefined;
  readonly #records = new Map<string, FindingRecord>();
  /** All artifacts, by index. */
  readonly #facts: ArtifactFacts[] = [];
  readonly #artifacts = new Map<number, ArtifactState>();
  readonly #regions = new Map<string, Region>();
  readonly #recent = new RecentPlaces();
  readonly #placeCaps: PlaceCaps;
  #slow = 0;
  #serial = 0;

  constructor(options: FoldOptions = {}) {
    this.#options = {
      counts: options.counts ?? COUNT_DEFAULTS,
      findings: options.findings ?? 100_000,
      occurrences: options.occurrences ?? 1_000,
      furtherOccurrences: options.furtherOccurrences ?? 200_000,
      slowFingerprints: options.slowFingerprints ?? 1_000,
    };
    const budget = new PlaceBudget(this.#options.furtherOccurrences);
    this.#placeCaps = { cap: this.#options.occurrences, budget };
    this.#suppression = options.suppression;
    this.#isTarget = options.isTarget;
  }

  artifact(index: number, { path, mtime }: SinkArtifact): void {
    // With a time in the future, live tokens would be taken for expired ones.
    this.#facts[index] = { path, mtime: mtime && Math.min(mtime.getTime(), Date.now()) };
  }

  /** Returns false if the finding is only counted: copies of what is not listed are not searched for. */
  judged(judged: Judged, identity: SecretIdentity): boolean {
    const artifact = this.#stateOf(judged.artifact);
    const { id } = identity;
    const known = this.#records.get(id);
    if (known) known.merge(judged);
    const record =
      known ??
      new FindingRecord(this.#serial++, identity, judged, new Occurrences(this.#placeCaps), artifact.mtime);
    if (this.#isTarget?.(id, judged)) record.isTarget = true;
    if (!known && !this.#admit(id, record, artifact, judged)) return false;
    const region = this.#intern(judged.region, judged.artifact);
    const notes = notesOf(judged);
    const own = notes.length === 0 ? undefined : internLines(notes);
    this.#place(record, occurrenceOf(judged.candidate, judged, region, own));
    return true;
  }

  /** Returns false if the place is known already or the finding is not listed. */
  copy(id: string, occurrence: Occurrence): boolean {
    const record = this.#records.get(id);
    if (!record) return false;
    return this.#place(record, {
      ...occurrence,
      region: this.#intern(occurrence.region, occurrence.artifact),
    });
  }

  confirmed(id: string, { artifact, offset }: Occurrence): void {
    const record = this.#records.get(id);
    if (record === undefined) return;
    const isBeside = !this.#artifacts.get(artifact)?.records.has(record);
    const file = isBeside ? ` of ${this.#facts[artifact]!.path}` : '';
    record.confirm(`at 0x${offset.toString(16)}${file}`);
  }

  has(id: string): boolean {
    return this.#records.has(id);
  }

  get size(): number {
    return this.#records.size;
  }

  *countsIn(index: number): Pausing<never, boolean> {
    const state = this.#artifacts.get(index);
    if (state === undefined) return false;
    const { overflow, records } = state;
    if (overflow.counts) return true;
    const overlaps = new Overlaps((...records) => this.#isKnown(...records));
    yield* overlaps.add(index, records);
    for (const record of records)
      if (overlaps.leaves(record, index) && this.#decide(record, overlaps.absorbedBy(record)).counts)
        return true;
    return false;
  }

  placesOf(id: string, index: number): Occurrence[] | undefined {
    const record = this.#records.get(id);
    if (!record?.isTarget || !this.#artifacts.get(index)?.records.has(record)) return undefined;
    return record.places.listIn(index).map((place) => record.withNotes(place));
  }

  limits(index: number): Limit[] {
    const state = this.#artifacts.get(index);
    if (state === undefined) return [];
    const { overflow, unfingerprinted } = state;
    const limits = [...overflow.limits(), ...this.#placeCaps.budget.limits(index)];
    if (unfingerprinted === 0) return limits;
    const most = this.#options.slowFingerprints;
    const reason =
      `${unfingerprinted} guessable secrets have no fingerprint: ` +
      `a scan computes at most ${most} slow ones`;
    const extent = { offset: 0, length: 0 };
    return [...limits, limitOf('fingerprint', { left: unfingerprinted }, extent, reason)];
  }

  async computeFingerprints(signal?: AbortSignal): Promise<void> {
    const overlaps = await finishInTurns(this.#overlaps());
    const slow = [...this.#records.values()].filter(
      (record) => record.guessable !== undefined && overlaps.firstOf(record) !== undefined,
    );
    if (slow.length < 2 && !signal?.aborted) return;
    await slowFingerprints(
      slow.map(({ guessable }) => guessable!),
      (index, fingerprint) => slow[index]!.takeFingerprint(fingerprint),
      signal,
    );
    if (signal?.aborted)
      for (const record of slow) if (record.guessable !== undefined) record.forgoFingerprint();
  }

  *#overlaps(): Pausing<never, Overlaps> {
    const overlaps = new Overlaps((...records) => this.#isKnown(...records));
    for (const index of [...this.#artifacts.keys()].sort((a, b) => a - b))
      yield* overlaps.add(index, this.#artifacts.get(index)!.records);
    return overlaps;
  }

  *findings(): Pausing<Finding> {
    const overlaps = yield* this.#overlaps();
    const rows: Row[] = [];
    const pace = new Pace(PACE);
    for (const row of this.#rows(overlaps)) {
      rows.push(row);
      if (pace.isDue()) yield;
    }
    rows.sort((a, b) => b.rank - a.rank || byPlace(a.first, b.first) || (a.record.id < b.record.id ? -1 : 1));
    const pathOf = (artifact: number): string => this.#facts[artifact]!.path;
    const { counts: options } = this.#options;
    const { lost } = overlaps;
    for (const { record, absorbed } of rows)
      yield record.finding({ options, decision: this.#decide(record, absorbed), absorbed, lost, pathOf });
  }

  /** The findings with a place of their own. */
  *#rows(overlaps: Overlaps): Generator<Row> {
    for (const record of this.#records.values()) {
      const first = overlaps.firstOf(record);
      if (first === undefined) continue;
      const absorbed = overlaps.absorbedBy(record);
      yield { record, absorbed, rank: this.#rankOf(record, absorbed), first };
    }
  }

  /** Those that count first, then by severity, then by confidence. */
  #rankOf(record: FindingRecord, absorbed: readonly FindingRecord[]): number {
    const { counts, severity } = this.#decide(record, absorbed);
    const { confidence } = record.factsFor(this.#options.counts, absorbed);
    return Number(counts) * 100 + severityRank(severity) * 10 + confidenceRank(confidence);
  }

  #stateOf(index: number): ArtifactState {
    const known = this.#artifacts.get(index);
    if (known !== undefined) return known;
    const facts = this.#facts[index];
    if (facts === undefined) throw new RangeError(`artifact ${index} was not registered with the fold`);
    const overflow = new Overflow(this.#options.findings);
    const state = {
      ...facts,
      records: new Set<FindingRecord>(),
      listed: 0,
      overflow,
      evictable: [],
      unfingerprinted: 0,
    };
    this.#artifacts.set(index, state);
    return state;
  }

  #decide(record: FindingRecord, absorbed: readonly FindingRecord[]): GateDecision {
    const facts = record.factsFor(this.#options.counts, absorbed);
    const decision = decide(facts, this.#options.counts);
    if (decision.counts && record.findsPublication()) return this.#decide(record, absorbed);
    // A fingerprint can be slow: it is computed only for a finding that would count.
    const fingerprint = decision.counts && this.#suppression ? record.fingerprint() : null;
    const suppressed =
      fingerprint === null ? undefined : this.#suppression?.(fingerprint, () => record.names());
    return suppressed === undefined ? decision : decide({ ...facts, suppressed }, this.#options.counts);
  }

  /** True if a finding does not count, whatever the thresholds are. */
  #isKnown(record: FindingRecord, absorbed: FindingRecord): boolean {
    const { reason } = this.#decide(record, [absorbed]);
    return reason !== undefined && reason !== 'below-threshold' && reason !== 'policy';
  }

  /** Lists a new finding if the list has room, or if it counts and evicts one that does not. */
  #admit(id: string, record: FindingRecord, artifact: ArtifactState, judged: Judged): boolean {
    const { counts } = decide(record.factsFor(this.#options.counts), this.#options.counts);
    const room = artifact.listed < this.#options.findings || record.isTarget;
    if (!room && !(counts && this.#evict(artifact))) {
      artifact.overflow.add(record.ruleId, judged.candidate, counts);
      return false;
    }
    this.#records.set(id, record);
    artifact.listed++;
    if (!counts) artifact.evictable.push(id);
    this.#limitFingerprint(id, record, artifact);
    return true;
  }

  /** Without eviction a flood of placeholders would keep out a real key. */
  #evict(artifact: ArtifactState): boolean {
    for (let id = artifact.evictable.pop(); id !== undefined; id = artifact.evictable.pop()) {
      const record = this.#records.get(id);
      if (!record || decide(record.factsFor(this.#options.counts), this.#options.counts).counts) continue;
      this.#records.delete(id);
      for (const state of this.#artifacts.values()) state.records.delete(record);
      artifact.overflow.add(record.ruleId, record.places.first(), false);
      artifact.listed--;
      return true;
    }
    return false;
  }

  #limitFingerprint(id: string, record: FindingRecord, artifact: ArtifactState): void {
    if (!id.startsWith('guessable')) return;
    if (this.#slow < this.#options.slowFingerprints) this.#slow++;
    else {
      record.forgoFingerprint();
      artifact.unfingerprinted++;
    }
  }

  #place(record: FindingRecord, occurrence: Occurrence): boolean {
    const artifact = this.#stateOf(occurrence.artifact);
    if (!artifact.records.has(record)) {
      artifact.records.add(record);
      record.foundIn(artifact.mtime);
    }
    record.foundAs(occurrence);
    return record.places.add(occurrence, (place) => this.#recent.seen(record.serial, place));
  }

  /** One shared object per region: `completeNames` of the dump fills its name in place later. */
  #intern(region: Region, artifact: number): Region {
    const key = JSON.stringify([artifact, region.kind, region.name, region.thread]);
    const known = this.#regions.get(key);
    if (known) return known;
    if (this.#regions.size < REGIONS) this.#regions.set(key, region);
    return region;
  }
}
