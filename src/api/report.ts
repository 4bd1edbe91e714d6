import type { Notice } from '../core/base/runtime/errors.js';
import { inTurns } from '../core/base/runtime/turns.js';
import type { ScanEvent } from '../core/model/report.js';
import { maskSpans } from '../detect/rulebook/mask-spans.js';
import { openRulebook } from '../detect/rulebook/rulebook.js';
import { Masker } from '../known/mask/mask.js';
import { sanitize } from '../known/mask/sanitize.js';
import type { Explanation } from '../report/explain/explanation.js';
import { type ChangeEvent, Comparison } from '../report/saved/changes.js';
import { JoinedReport } from '../report/saved/joined.js';
import { rowOfId } from '../report/saved/lookup.js';
import { noticesOf } from '../report/saved/report-notices.js';

/** Files of saved reports, JSON or ndjson; `-` is standard input. Bytes: a name that is not UTF-8. */
export interface ReportFiles {
  files: readonly (string | Uint8Array)[];
  /** Earlier reports, to compare with. */
  since?: readonly (string | Uint8Array)[];
  /** Ends the call, and the events: they reject with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Reads what scans have saved. A report is untrusted: it is checked by its schema, and all of its text is
 * masked and escaped again. Throws (exit 3) for what is no report, (exit 2) for one that is cut too early.
 */
export async function readReports({ files, since, signal }: ReportFiles): Promise<SavedReports> {
  const now = await joined(files, signal);
  const before = since === undefined ? undefined : await joined(since, signal);
  const book = await openRulebook({});
  return new SavedReports(now, before, new Masker((text) => maskSpans(text, book)), signal);
}

async function joined(
  files: readonly (string | Uint8Array)[],
  signal: AbortSignal | undefined,
): Promise<JoinedReport> {
  // Late, for zod and the reader of JSON: a scan needs neither.
  const { readReport } = await import('../report/saved/read-report.js');
  const reports = [];
  for (const file of files) reports.push(await readReport(file, signal));
  return new JoinedReport(reports);
}

/** Saved reports as one. */
export class SavedReports {
  readonly #now: JoinedReport;
  readonly #comparison: Comparison | undefined;
  readonly #masker: Masker;
  readonly #signal: AbortSignal | undefined;
  /** What is wrong with the files: one is cut, or of a scan that was stopped. */
  readonly notices: readonly Notice[];

  constructor(now: JoinedReport, before: JoinedReport | undefined, masker: Masker, signal?: AbortSignal) {
    this.#signal = signal;
    this.#now = now;
    this.#comparison = before && new Comparison(now, before);
    this.#masker = masker;
    this.notices = [...now.reports, ...(before?.reports ?? [])].flatMap(noticesOf);
  }

  /**
   * The worst exit status of the scans, 2 for one that did not end. Compared with earlier reports, known when
   * all events were read: 1 if something new fails the gate, 2 if not everything was searched.
   */
  get exit(): 0 | 1 | 2 {
    return this.#comparison?.exit ?? this.#now.exit;
  }

  /** The events of a scan of all the dumps. `id`: with one finding alone. */
  async *events(id?: string): AsyncGenerator<ScanEvent> {
    const only = id === undefined ? undefined : rowOfId(this.#now, id);
    const events = this.#now.events(only && ((row) => row === only));
    for await (const event of inTurns(events, this.#signal)) yield sanitize(event, this.#masker);
  }

  /** The events of the comparison with earlier reports, for `changeReporters`. */
  async *changes(): AsyncGenerator<ChangeEvent> {
    const events = this.#comparison?.events() ?? [];
    for await (const event of inTurns<ChangeEvent>(events, this.#signal))
      yield sanitize(event, this.#masker) as ChangeEvent;
  }

  /** One finding, explained. Throws (exit 3) for an id that is unknown, or of several findings. */
  async explain(id: string): Promise<Explanation> {
    const [{ explain }, { measures }] = await Promise.all([
      import('../report/explain/explanation.js'),
      import('../report/prevention/measures.js'),
    ]);
    const finding = this.#now.finding(rowOfId(this.#now, id));
    const clean = <Event extends ScanEvent>(event: Event): Event => sanitize(event, this.#masker) as Event;
    const artifactAt = (artifact: number) => {
      const found = this.#now.artifact(artifact);
      return found && clean(found);
    };
    return explain(clean(finding), artifactAt, measures());
  }
}
