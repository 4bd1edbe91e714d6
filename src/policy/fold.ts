import type { Judged } from '../judge/judged.js';
import { occurrenceOf } from '../model/occurrence.js';
import type { Finding, Limit, Occurrence, Region } from '../model/report.js';
import { identify } from '../prove/fingerprint.js';
import {
  COUNT_DEFAULTS,
  type CountOptions,
  confidenceRank,
  type Decision,
  decide,
  severityRank,
} from './counts.js';
import { byPlace } from './occurrences.js';
import { Overflow } from './overflow.js';
import { RecentPlaces } from './recent-places.js';
import { FindingRecord } from './record.js';

/** Says what a baseline or an allow list knows of a fingerprint, or of another name of its key (`prove/key-identifiers.ts`). */
export type Suppression = (
  fingerprint: string,
  names: () => readonly string[],
) => 'baseline' | 'allowed' | undefined;

/** Is this the secret that somebody asks for? `id` is that of its finding. */
export type Asked = (id: string, judged: Judged) => boolean;

export interface FoldOptions {
  counts?: CountOptions;
  suppression?: Suppression;
  asked?: Asked;
  /** Findings of one artifact that are listed. Default 100,000. */
  findings?: number;
  /** Occurrences of one finding that are listed. Default 1,000. */
  occurrences?: number;
  /** Slow fingerprints of one run. Default 1,000 (40 s). */
  slowFingerprints?: number;
}

/** What the fold must know of an artifact before its first candidate. */
export interface FoldedArtifact {
  path: string;
  /** When the dump was written: tokens that had expired by then do not count. */
  mtime?: Date | undefined;
}

interface ArtifactState extends FoldedArtifact {
  /** Every finding with a place in this artifact. */
  records: Set<FindingRecord>;
  /** Findings charged to this artifact. */
  listed: number;
  overflow: Overflow;
  /** Listed findings that did not count when they came: they make room for one that does. */
  spare: string[];
  /** Guessable secrets that got no fingerprint. */
  unfingerprinted: number;
}

/** Regions kept as one object each: a flood of findings lies in few regions. */
const REGIONS = 65_536;
/**
 * Folds candidates and their copies into one finding a secret, by identity: a key found as PEM, DER and JWK is one
 * finding, and so is a token in UTF-8 and UTF-16. Memory is bounded by the caps in {@link FoldOptions}, and the result
 * does not depend on the order of candidates as long as no cap is met.
 */
export class Fold {
  readonly #options: Required<Omit<FoldOptions, 'suppression' | 'asked'>>;
  readonly #suppression: Suppression | undefined;
  readonly #asked: Asked | undefined;
  readonly #records = new Map<string, FindingRecord>();
  readonly #artifacts = new Map<number, ArtifactState>();
  readonly #regions = new Map<string, Region>();
  readonly #recent = new RecentPlaces();
  #slow = 0;
  #serial = 0;

  constructor(options: FoldOptions = {}) {
    this.#options = {
      counts: options.counts ?? COUNT_DEFAULTS,
      findings: options.findings ?? 100_000,
      occurrences: options.occurrences ?? 1_000,
      slowFingerprints: options.slowFingerprints ?? 1_000,
    };
    this.#suppression = options.suppression;
    this.#asked = options.asked;
  }

  /** Must come before the first candidate of the artifact. */
  register(artifact: number, { path, mtime }: FoldedArtifact): void {
    const overflow = new Overflow(this.#options.findings);
    const now = new Date();
    this.#artifacts.set(artifact, {
      path,
      // A time that is still to come would let live tokens pass for expired ones.
      mtime: mtime && mtime > now ? now : mtime,
      records: new Set(),
      listed: 0,
      overflow,
      spare: [],
      unfingerprinted: 0,
    });
  }

  /** Takes a candidate; returns its finding's id for {@link Fold.occur}, or undefined where it is only counted. */
  add(judged: Judged): string | undefined {
    const artifact = this.#artifact(judged.artifact);
    const identity = identify(judged.candidate, judged.proof);
    const known = this.#records.get(identity.id);
    if (known) known.merge(judged);
    const record =
      known ??
      new FindingRecord(
        this.#serial++,
        identity,
        judged,
        this.#options.occurrences,
        artifact.mtime?.getTime(),
      );
    if (this.#asked?.(identity.id, judged)) record.asked = true;
    if (!known && !this.#admit(identity.id, record, artifact, judged)) return undefined;
    this.#place(record, occurrenceOf(judged.candidate, judged, this.#intern(judged.region, judged.artifact)));
    return identity.id;
  }

  /** Takes a copy found later; false where its place is known already or its finding is not listed. */
  occur(id: string, occurrence: Occurrence): boolean {
    const record = this.#records.get(id);
    if (!record) return false;
    return this.#place(record, {
      ...occurrence,
      region: this.#intern(occurrence.region, occurrence.artifact),
    });
  }

  has(id: string): boolean {
    return this.#records.has(id);
  }

  /** Findings so far. */
  get size(): number {
    return this.#records.size;
  }

  /** Does a finding that counts lie in this artifact, as far as is known? */
  countsIn(index: number): boolean {
    const artifact = this.#artifact(index);
    if (artifact.overflow.counts) return true;
    for (const record of artifact.records) if (this.#decide(record).counts) return true;
    return false;
  }

  /** The listed places of a finding that somebody asks for, in one artifact; undefined where it does not lie in it. */
  placesOf(id: string, index: number): Occurrence[] | undefined {
    const record = this.#records.get(id);
    if (!record?.asked || !this.#artifact(index).records.has(record)) return undefined;
    return record.places.list().filter(({ artifact }) => artifact === index);
  }

  /** What was counted and not listed, for the artifact's `coverage.limits`. */
  limits(index: number): Limit[] {
    const { overflow, unfingerprinted } = this.#artifact(index);
    const limits = overflow.limits();
    if (unfingerprinted === 0) return limits;
    const reason = `${unfingerprinted} guessable secrets bear no fingerprint: a run computes at most ${this.#options.slowFingerprints}`;
    return [...limits, { offset: 0, length: 0, search: 'fingerprint', reason }];
  }

  /** All findings in report order: what counts first, then by severity, confidence and place. */
  *findings(): Generator<Finding> {
    const rows = [...this.#records].map(([id, record]) => ({
      id,
      record,
      decision: this.#decide(record),
      confidence: record.standing(this.#options.counts).confidence,
      first: record.places.first(),
    }));
    rows.sort(
      (a, b) =>
        Number(b.decision.counts) - Number(a.decision.counts) ||
        severityRank(b.decision.severity) - severityRank(a.decision.severity) ||
        confidenceRank(b.confidence) - confidenceRank(a.confidence) ||
        byPlace(a.first, b.first) ||
        (a.id < b.id ? -1 : 1),
    );
    for (const { record, decision } of rows)
      yield record.finding(this.#options.counts, decision, (artifact) => this.#artifact(artifact).path);
  }

  #artifact(index: number): ArtifactState {
    const state = this.#artifacts.get(index);
    if (!state) throw new RangeError(`artifact ${index} was not registered with the fold`);
    return state;
  }

  #decide(record: FindingRecord): Decision {
    const standing = record.standing(this.#options.counts);
    const decision = decide(standing, this.#options.counts);
    // Only what would count is worth a fingerprint, which may be slow.
    const fingerprint = decision.counts && this.#suppression ? record.fingerprint() : null;
    const suppressed =
      fingerprint === null ? undefined : this.#suppression?.(fingerprint, () => record.names());
    return suppressed === undefined ? decision : decide({ ...standing, suppressed }, this.#options.counts);
  }

  /** Lists a new finding if there is room, or if it counts and one that does not can give way. */
  #admit(id: string, record: FindingRecord, artifact: ArtifactState, judged: Judged): boolean {
    const { counts } = decide(record.standing(this.#options.counts), this.#options.counts);
    const room = artifact.listed < this.#options.findings || record.asked;
    if (!room && !(counts && this.#evict(artifact))) {
      artifact.overflow.add(record.ruleId, judged.candidate, counts);
      return false;
    }
    this.#records.set(id, record);
    artifact.listed++;
    if (!counts) artifact.spare.push(id);
    this.#budget(id, record, artifact);
    return true;
  }

  /** A flood of placeholders must not push out a real key. */
  #evict(artifact: ArtifactState): boolean {
    for (let id = artifact.spare.pop(); id !== undefined; id = artifact.spare.pop()) {
      const record = this.#records.get(id);
      if (!record || decide(record.standing(this.#options.counts), this.#options.counts).counts) continue;
      this.#records.delete(id);
      for (const state of this.#artifacts.values()) state.records.delete(record);
      artifact.overflow.add(record.ruleId, record.places.first(), false);
      artifact.listed--;
      return true;
    }
    return false;
  }

  #budget(id: string, record: FindingRecord, artifact: ArtifactState): void {
    if (!id.startsWith('guessable')) return;
    if (this.#slow < this.#options.slowFingerprints) this.#slow++;
    else {
      record.forgo();
      artifact.unfingerprinted++;
    }
  }

  #place(record: FindingRecord, occurrence: Occurrence): boolean {
    const artifact = this.#artifact(occurrence.artifact);
    if (!artifact.records.has(record)) {
      artifact.records.add(record);
      record.seenAt(artifact.mtime?.getTime());
    }
    record.seenAs(occurrence);
    return record.places.add(occurrence, (place) => this.#recent.seen(record.serial, place));
  }

  /** One object a place's name. Each artifact has its own: a dump may complete its names when all is found. */
  #intern(region: Region, artifact: number): Region {
    const key = JSON.stringify([artifact, region.kind, region.name, region.thread]);
    const known = this.#regions.get(key);
    if (known) return known;
    if (this.#regions.size < REGIONS) this.#regions.set(key, region);
    return region;
  }
}
