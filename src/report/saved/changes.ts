import { EXIT } from '../../core/base/runtime/errors.js';
import type { Pausing } from '../../core/base/runtime/turns.js';
import type { ScanEvent } from '../../core/model/report.js';
import { Tally } from '../../core/model/tally.js';
import { regionText } from '../places.js';
import type { JoinedReport, JoinedRow } from './joined.js';
import type { EventOf } from './saved-report.js';

/**
 * What a later report says of a finding, in the order of the events. `failing`: it was there, and did not
 * fail the gate. `moved`: it lies in other files or other memory.
 */
export const CHANGES = ['new', 'failing', 'moved', 'gone'] as const;
export type ChangeKind = (typeof CHANGES)[number];

/** Files and kinds of memory, such as `core.1: heap`. */
export interface FindingChange {
  kind: ChangeKind;
  was: readonly string[];
  is: readonly string[];
}

export type ChangedFinding = EventOf<'finding'> & { change: FindingChange };

/** Events of a comparison: those of the later report, its findings with what changed, then those gone. */
export type ChangeEvent = Exclude<ScanEvent, { type: 'finding' }> | ChangedFinding;

/** Findings of two reports by their secrets. */
export class Comparison {
  readonly #now: JoinedReport;
  readonly #before: JoinedReport;
  readonly #known: ReadonlyMap<string, JoinedRow>;
  /** Findings whose secrets are in both, and have not moved. */
  same = 0;
  #fails = false;

  constructor(now: JoinedReport, before: JoinedReport) {
    this.#now = now;
    this.#before = before;
    this.#known = new Map(before.rows.map((row) => [nameOf(before, row), row]));
  }

  /** 1 if something new fails the gate, 2 if not everything was searched. Known after all events. */
  get exit(): 0 | 1 | 2 {
    if (this.#fails) return EXIT.findings;
    return this.#now.complete ? EXIT.clean : EXIT.incomplete;
  }

  /** The events of the later report, of findings those with a change. The summary has {@link exit}. */
  *events(): Pausing<ChangeEvent> {
    const seen = new Set<JoinedRow>();
    const changes = new Map<JoinedRow, FindingChange>();
    for (const row of this.#now.rows) {
      const change = this.#change(row, seen);
      if (change === undefined) this.same++;
      else changes.set(row, change);
      yield;
    }
    const isNew = (row: JoinedRow): boolean => NEW.has(changes.get(row)?.kind ?? 'moved');
    this.#fails = this.#now.rows.some((row) => row.counts && isNew(row));
    yield* this.#now.begin(yield* this.#now.holding(isNew)) as Generator<ChangeEvent>;
    const tally = new Tally();
    for (const kind of CHANGES)
      for (const [row, change] of changes) {
        if (change.kind !== kind) continue;
        const finding = this.#now.finding(row);
        if (NEW.has(kind)) tally.add(finding);
        yield { ...finding, change };
      }
    const scanned = new Set(this.#now.paths);
    for (const row of this.#before.rows)
      if (!seen.has(row)) {
        const was = placesOf(this.#before, row, (path) => (scanned.has(path) ? '' : ' (not scanned again)'));
        const change: FindingChange = { kind: 'gone', was, is: [] };
        yield { ...this.#before.finding(row), change };
      }
    const summary = this.#now.summary(tally, true);
    const others = this.#now.complete ? 'nothing-found' : 'incomplete';
    if (summary !== undefined)
      yield { ...summary, exit: this.exit, verdict: this.#fails ? 'findings' : others };
  }

  #change(row: JoinedRow, seen: Set<JoinedRow>): FindingChange | undefined {
    const known = this.#known.get(nameOf(this.#now, row));
    if (known === undefined) return { kind: 'new', was: [], is: placesOf(this.#now, row) };
    seen.add(known);
    const [was, is] = [placesOf(this.#before, known), placesOf(this.#now, row)];
    if (row.counts && !known.counts) return { kind: 'failing', was, is };
    return was.join('\n') === is.join('\n') ? undefined : { kind: 'moved', was, is };
  }
}

const NEW: ReadonlySet<ChangeKind> = new Set(['new', 'failing']);

/** A guessable secret without a fingerprint is known by its rule and place alone. */
function nameOf(report: JoinedReport, row: JoinedRow): string {
  if (row.fingerprint !== null) return row.fingerprint;
  const { ruleId, location } = report.finding(row);
  return JSON.stringify([ruleId, location.path, location.offset]);
}

/** Files and kinds of memory that hold it, sorted. `note`: what is to be said of a file. */
function placesOf(report: JoinedReport, row: JoinedRow, note = (_path: string): string => ''): string[] {
  const places = new Set<string>();
  for (const { artifact, region } of report.finding(row).occurrences) {
    const path = report.pathOf(artifact);
    places.add(`${path}: ${regionText({ kind: region.kind })}${note(path)}`);
  }
  return [...places].sort();
}
