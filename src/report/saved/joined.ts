import { definedFields } from '../../core/base/runtime/defined.js';
import { EXIT, worstExit } from '../../core/base/runtime/errors.js';
import type { Pausing } from '../../core/base/runtime/turns.js';
import type { CertificateFacts, KeyFacts, Occurrence, ScanEvent, Verdict } from '../../core/model/report.js';
import { Tally } from '../../core/model/tally.js';
import type { EventOf, SavedReport, SavedRow } from './saved-report.js';

/** Where a finding lies: the number of its report, and its own in it. */
interface Place {
  report: number;
  index: number;
}

/** A finding of the joined report: its places in the reports, the strongest first. */
export interface JoinedRow extends SavedRow {
  places: readonly Place[];
}

/** True for findings that are wanted. */
export type Selection = (row: JoinedRow) => boolean;

/**
 * Several saved reports as one: artifacts are numbered anew, findings of one fingerprint and answers for one
 * key are joined. A single report is as it was.
 */
export class JoinedReport {
  readonly reports: readonly SavedReport[];
  /** Number of the first artifact of each report. */
  readonly #bases: number[] = [];
  readonly rows: readonly JoinedRow[];
  #paths: string[] | undefined;

  constructor(reports: readonly SavedReport[]) {
    this.reports = reports;
    let base = 0;
    for (const { artifacts } of reports) {
      this.#bases.push(base);
      base += artifacts.length;
    }
    this.rows = joinedRows(reports);
  }

  /**
   * The worst status of all reports: 2 for one of a scan that was stopped, or of a file that is cut.
   */
  get exit(): 0 | 1 | 2 {
    const statuses = new Set(this.reports.map(({ summary }) => summary?.exit ?? EXIT.incomplete));
    return worstExit(statuses) as 0 | 1 | 2;
  }

  /** True if all files were read and searched, and all reports are whole. */
  get complete(): boolean {
    return this.reports.every(({ summary, cut }) => !cut && summary?.complete === true);
  }

  finding({ places }: JoinedRow): EventOf<'finding'> {
    return joinedFinding(
      places.map(({ report, index }) => {
        const finding = this.reports[report]!.findings.at(index);
        return { ...finding, occurrences: this.#moved(finding.occurrences, report) };
      }),
    );
  }

  /** The path of an artifact by its number; the number itself for one without an event. */
  pathOf(number: number): string {
    return this.paths[number] ?? `artifact ${number}`;
  }

  /** The paths of all artifacts, by number. */
  get paths(): readonly string[] {
    this.#paths ??= this.reports.flatMap(({ paths }) => paths);
    return this.#paths;
  }

  /** Facts of an artifact by its number in the joined report. */
  artifact(number: number): EventOf<'artifact'> | undefined {
    const report = this.#bases.findLastIndex((base) => base <= number);
    const { artifacts } = this.reports[report]!;
    const index = number - this.#bases[report]!;
    return index < artifacts.length ? artifacts.at(index) : undefined;
  }

  /**
   * The events of a scan of all. Without a summary if that of a report is missing. `wanted`: of some findings
   * alone, without the answers.
   */
  *events(wanted?: Selection): Pausing<ScanEvent> {
    yield* this.begin(wanted === undefined ? undefined : yield* this.holding(wanted));
    const tally = new Tally();
    for (const row of this.rows) {
      if (wanted !== undefined && !wanted(row)) continue;
      const finding = this.finding(row);
      tally.add(finding);
      yield finding;
    }
    if (wanted === undefined) yield* this.#answers();
    const summary = this.summary(tally, wanted !== undefined);
    if (summary !== undefined) yield summary;
  }

  /** Run and artifacts. `held`: artifacts of the findings that are wanted, if not all are. */
  *begin(held: ReadonlySet<number> | undefined): Generator<ScanEvent> {
    const { reports } = this;
    yield reports.length === 1 ? reports[0]!.run : joinedRun(reports);
    let index = 0;
    for (const { artifacts } of reports)
      for (const artifact of artifacts) yield withVerdict(artifact, held, index++);
  }

  /** Artifacts with a wanted finding that counts. */
  *holding(wanted: Selection): Pausing<never, Set<number>> {
    const held = new Set<number>();
    for (const row of this.rows) {
      if (!row.counts || !wanted(row)) continue;
      for (const { artifact } of this.finding(row).occurrences) held.add(artifact);
      yield;
    }
    return held;
  }

  #moved<P extends Pick<Occurrence, 'artifact'>>(places: readonly P[], report: number): P[] {
    const base = this.#bases[report]!;
    if (base === 0) return places as P[];
    return places.map((place) => ({ ...place, artifact: place.artifact + base }));
  }

  /** Answers for one key are one; values have only a name, by which two may differ. */
  *#answers(): Generator<EventOf<'find'>> {
    if (this.reports.length === 1) yield* this.reports[0]!.answers;
    else yield* this.#joinedAnswers();
  }

  #joinedAnswers(): EventOf<'find'>[] {
    const byKey = new Map<string, EventOf<'find'>>();
    const all = this.reports.flatMap(({ answers }, report) =>
      [...answers].map((answer) => {
        const results = this.#moved(answer.results, report).map((result) =>
          result.occurrences === undefined
            ? result
            : { ...result, occurrences: this.#moved(result.occurrences, report) },
        );
        return { ...answer, results };
      }),
    );
    const separate: EventOf<'find'>[] = [];
    for (const answer of all) {
      const { spkiSha256, sshFingerprint, askedBy } = answer;
      const key = spkiSha256 ?? sshFingerprint;
      const name = key === undefined ? undefined : `${askedBy} ${key}`;
      const known = name === undefined ? undefined : byKey.get(name);
      if (known !== undefined) known.results.push(...answer.results);
      else separate.push(answer);
      if (name !== undefined && known === undefined) byKey.set(name, answer);
    }
    return separate;
  }

  /** Undefined if that of a report is missing. `isSelection`: the tally is of some findings alone. */
  summary(tally: Tally, isSelection: boolean): EventOf<'summary'> | undefined {
    const all = this.reports.flatMap(({ summary }) => summary ?? []);
    if (all.length < this.reports.length) return undefined;
    const [first] = all;
    if (all.length === 1 && !isSelection) return first;
    const { bySeverity, notCounted } = tally;
    const sum = (of: (each: EventOf<'summary'>) => number) =>
      all.reduce((total, each) => total + of(each), 0);
    return {
      type: 'summary',
      verdict: worstVerdict(all.map(({ verdict }) => verdict)),
      complete: all.every(({ complete }) => complete),
      bytesScanned: sum(({ bytesScanned }) => bytesScanned),
      seconds: Number(sum(({ seconds }) => seconds).toFixed(3)),
      artifacts: sum(({ artifacts }) => artifacts),
      bySeverity,
      notCounted,
      exit: this.exit,
      warnings: all.flatMap(({ warnings }) => warnings),
    };
  }
}

/** The verdict of an artifact in a report of some findings alone: it must not promise others. */
function withVerdict(
  artifact: EventOf<'artifact'>,
  held: ReadonlySet<number> | undefined,
  index: number,
): EventOf<'artifact'> {
  if (held === undefined || held.has(index) || artifact.verdict !== 'findings') return artifact;
  const isRead = artifact.coverage.file.unread.length === 0;
  return { ...artifact, verdict: isRead ? 'nothing-found' : 'incomplete' };
}

const VERDICTS: readonly Verdict[] = ['findings', 'incomplete'];

const worstVerdict = (verdicts: readonly Verdict[]): Verdict =>
  VERDICTS.find((each) => verdicts.includes(each)) ?? 'nothing-found';

function joinedRows(reports: readonly SavedReport[]): JoinedRow[] {
  const groups = new Map<string, Place[]>();
  const rows: Place[][] = [];
  for (const [report, { rows: own }] of reports.entries())
    for (const [index, row] of own.entries()) {
      // Findings of a single report are never joined.
      const fingerprint = reports.length === 1 ? null : row.fingerprint;
      const known = fingerprint === null ? undefined : groups.get(fingerprint);
      if (known !== undefined) known.push({ report, index });
      else {
        const places = [{ report, index }];
        rows.push(places);
        if (fingerprint !== null) groups.set(fingerprint, places);
      }
    }
  const rowAt = ({ report, index }: Place): SavedRow => reports[report]!.rows[index]!;
  const joined = rows.map((places) => {
    if (places.length > 1) places.sort((a, b) => rowAt(b).rank - rowAt(a).rank);
    const { fingerprint, rank } = rowAt(places[0]!);
    return { fingerprint, rank, counts: places.some((place) => rowAt(place).counts), places };
  });
  // A single report has its order already.
  return reports.length === 1 ? joined : joined.sort((a, b) => b.rank - a.rank);
}

/** The run of the newest report; the time is that of the oldest. Options are those that all share. */
function joinedRun(reports: readonly SavedReport[]): EventOf<'run'> {
  const runs = reports.map(({ run }) => run).sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const [oldest, newest] = [runs[0]!, runs.at(-1)!];
  const shared = Object.entries(newest.options).filter(([name, value]) =>
    runs.every(
      ({ options }) =>
        Object.hasOwn(options, name) && JSON.stringify(options[name]) === JSON.stringify(value),
    ),
  );
  return { ...newest, startedAt: oldest.startedAt, options: Object.fromEntries(shared) };
}

type FindingEvent = EventOf<'finding'>;

/** Places of a finding that are listed; at least one of each artifact (docs/report.md, "Cap on places"). */
const MOST_PLACES = 1_000;

/**
 * One finding of several reports, the strongest first: its words are those of the first, its places and
 * proofs those of all.
 */
function joinedFinding(all: readonly FindingEvent[]): FindingEvent {
  const [first, ...others] = all as [FindingEvent, ...FindingEvent[]];
  if (others.length === 0) return first;
  const rules = distinct(all.flatMap(({ ruleId, alsoMatched }) => [ruleId, ...alsoMatched]));
  const key = joinedKey(all.flatMap((each) => each.key ?? []));
  return {
    ...first,
    alsoMatched: rules.filter((id) => id !== first.ruleId).sort(),
    proof: distinct(all.flatMap(({ proof }) => proof)),
    occurrences: listed(all.flatMap(({ occurrences }) => occurrences)),
    occurrenceCount: all.reduce((sum, { occurrenceCount }) => sum + occurrenceCount, 0),
    ...definedFields({ key }),
  };
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

function joinedKey([first, ...others]: readonly KeyFacts[]): KeyFacts | undefined {
  if (first === undefined || others.length === 0) return first;
  const certificates = new Map<string, CertificateFacts>();
  for (const each of [first, ...others].flatMap((key) => key.certificates ?? [])) {
    const name = JSON.stringify([each.serial, each.issuer, each.subject]);
    if (!certificates.has(name)) certificates.set(name, each);
  }
  return { ...first, ...(certificates.size > 0 ? { certificates: [...certificates.values()] } : {}) };
}

function listed(places: readonly Occurrence[]): Occurrence[] {
  const artifacts = new Set<number>();
  return places.filter(({ artifact }, i) => {
    const isFirst = !artifacts.has(artifact);
    artifacts.add(artifact);
    return isFirst || i < MOST_PLACES;
  });
}
