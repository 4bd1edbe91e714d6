import { milliseconds } from '../core/base/runtime/clock.js';
import { finishInTurns, inTurns } from '../core/base/runtime/turns.js';
import { EFFECT_IF_NO_FILES, noticeOf, type Warning } from '../core/base/runtime/warnings.js';
import type { Limit } from '../core/limits/limit.js';
import { effectOfLimit, type LimitEffect } from '../core/limits/limit-effect.js';
import { factsOf } from '../core/limits/other-limits.js';
import type { ArtifactReport, Coverage, Finding, FindReport, Summary } from '../core/model/report.js';
import { Tally } from '../core/model/tally.js';
import type { ScanOptions } from '../core/options/check-options.js';
import { DEFAULTS } from '../core/options/table.js';
import { mayBeCompanion } from '../formats/formats.js';
import type { Companion, ParsedDump } from '../formats/memory/types.js';
import { explained } from '../report/limit-sentences.js';
import type { Findings } from './findings.js';
import { type UnjudgedReport, warnings } from './ledger.js';
import type { Opened } from './opened.js';
import { Outcome } from './outcome.js';
import type { KnownSecrets } from './policy/known-secrets.js';
import { stopReason } from './stop-reason.js';

/** After the scan was stopped: milliseconds in which findings are listed, and the least number of them. */
const LISTING = { time: 500, least: 1_000 };

/** What was read of an artifact. */
interface SweptArtifact {
  /** Bytes. */
  swept: number;
  /** Bytes in which something could be found. */
  searched: number;
  companions: ParsedDump['companions'];
}

/** The verdict on each artifact of a report and on all of them. */
export class Conclusion {
  readonly options: ScanOptions;
  readonly outcome: Outcome;
  readonly #opened: Opened;
  readonly #findings: Findings;
  readonly #knownSecrets: KnownSecrets;
  readonly #onReport: ((report: UnjudgedReport) => void) | undefined;
  readonly #tally = new Tally();
  readonly #companions = new Companions();
  readonly #started = milliseconds();
  #artifacts = 0;
  #bytesScanned = 0;
  #bytesSearched = 0;
  /** Copy targets when the first artifact was concluded: later ones were not searched for in it. */
  #targetsAtFirstConclude = Number.POSITIVE_INFINITY;

  /** `onReport`: called with the report of each artifact, before limits are accepted. */
  constructor(
    options: ScanOptions,
    opened: Opened,
    findings: Findings,
    onReport?: (report: UnjudgedReport) => void,
  ) {
    this.options = options;
    this.#opened = opened;
    this.#findings = findings;
    this.#knownSecrets = opened.knownSecrets;
    this.#onReport = onReport;
    const { exitZero = false, strict = false, expectAbsent = false } = options;
    this.outcome = new Outcome({ exitZero, strict, expectAbsent });
    for (const notice of findings.find?.notices ?? []) this.outcome.warn(notice);
  }

  /** Completes an artifact's report with its verdict. */
  async artifact(
    unjudged: UnjudgedReport,
    index: number,
    { swept, searched, companions }: SweptArtifact,
  ): Promise<ArtifactReport> {
    this.#onReport?.(unjudged);
    const { find, folded, copyTargets } = this.#findings;
    const report = { ...unjudged, coverage: this.#judged(unjudged.coverage) };
    const counts = await finishInTurns(folded.countsIn(index));
    const { verdict, answered } = this.outcome.artifact(report, counts);
    // Nothing searched is no pass: an empty file may be a dump that was not written.
    find?.concluded(index, answered && report.size > 0);
    this.#artifacts++;
    this.#targetsAtFirstConclude = Math.min(this.#targetsAtFirstConclude, copyTargets.size);
    this.#bytesScanned += swept;
    this.#bytesSearched += searched;
    this.#companions.add(report.path, report.size, companions);
    const { path, format, size, warnings, ...rest } = report;
    return { path, format, size, verdict, ...rest, warnings: warnings.map(noticeOf) };
  }

  #judged(coverage: Coverage): Coverage {
    const { acceptedLimits: accepted, effort } = this.#opened;
    const limits = judgedLimits(coverage.limits, { accepted, hasTargets: this.#findings.find !== undefined });
    const { signal } = this.options;
    const stopped = signal?.aborted ? stopReason(signal) : undefined;
    const context = { effort, stopped };
    return { ...coverage, limits: limits.map((limit) => explained(limit, context)) };
  }

  /** Completes the report of a file that was not opened. */
  unopened(report: Omit<ArtifactReport, 'verdict'>, index: number): ArtifactReport {
    this.#findings.sink.artifact(index, { path: report.path });
    this.#findings.find?.concluded(index, false);
    this.outcome.unopened();
    this.#artifacts++;
    const { path, format, size, ...rest } = report;
    return { path, format, size, verdict: 'incomplete', ...rest };
  }

  /** All findings, when every artifact was concluded. */
  async *findings(): AsyncGenerator<Finding> {
    const { folded } = this.#findings;
    const { signal } = this.options;
    await folded.computeFingerprints(signal);
    let [listed, left] = [0, 0];
    let since = milliseconds();
    for await (const finding of inTurns(folded.findings())) {
      this.#tally.add(finding);
      if (finding.counts) this.outcome.finding();
      this.#knownSecrets.add(finding);
      if (!signal?.aborted) since = milliseconds();
      if (listed >= LISTING.least && milliseconds() - since > LISTING.time) {
        left++;
        continue;
      }
      listed++;
      yield finding;
    }
    if (left > 0) this.#reportUnlisted(left, signal!);
  }

  /** A scan that was stopped ends soon, whatever it has found. */
  #reportUnlisted(left: number, signal: AbortSignal): void {
    this.outcome.abort(stopReason(signal));
    const message = `${left} findings are not listed: ${stopReason(signal)}`;
    this.outcome.warn(warnings.of('findings-not-listed', { message, hint: 'scan again, without a limit' }));
  }

  /** One answer for each target of `--find`. */
  answers(): Iterable<FindReport> {
    const { find, folded } = this.#findings;
    return find?.answers(folded) ?? [];
  }

  /** Body of the last event. Writes the next baseline first: its warnings are part of the summary. */
  summary(): Summary {
    if (this.#targetsAtFirstConclude < this.#findings.copyTargets.size) {
      const message =
        'copies of keys found late in the scan were not searched for in the files already finished';
      const hint = 'scan again with fewer files at a time';
      this.outcome.warn(warnings.of('copies-not-searched', { message, hint }));
    }
    this.#requireBytes();
    if (!this.outcome.aborted) for (const warning of this.#companions.lacking()) this.outcome.warn(warning);
    const mask = (text: string): string => this.#findings.masker.mask(text);
    for (const warning of this.#knownSecrets.writeBaseline(this.#baselineCoverage(), mask))
      this.outcome.warn(warning);
    return {
      ...this.outcome.summary(),
      bytesScanned: this.#bytesScanned,
      seconds: Math.round(milliseconds() - this.#started) / 1000,
      artifacts: this.#artifacts,
      bySeverity: this.#tally.bySeverity,
      notCounted: this.#tally.notCounted,
      warnings: this.outcome.notices,
    };
  }

  /** Nothing searched is no pass. */
  #requireBytes(): void {
    if (this.#bytesSearched > 0 || this.outcome.aborted) return;
    const { find = [], strict = false, expectAbsent = false, ifNoFiles = DEFAULTS.ifNoFiles } = this.options;
    const required = find.length > 0 || strict || expectAbsent;
    const effect = required ? 'incomplete' : EFFECT_IF_NO_FILES[ifNoFiles];
    if (effect === undefined) return;
    const message = 'no byte was searched';
    const hint = 'check that the dump was written, and the paths and patterns';
    this.outcome.warn({ ...warnings.of('nothing-searched', { message, hint }), effect });
  }

  #baselineCoverage(): 'all' | 'some' | 'aborted' {
    if (this.outcome.aborted) return 'aborted';
    return this.outcome.complete && this.#bytesSearched > 0 ? 'all' : 'some';
  }
}

/** A path without its last name, and that name; members of archives are behind a `!`. */
const PATH = /^(.*[/!])?([^/!]*)$/s;

interface Promised extends Companion {
  path: string;
  /** Path of the file that promises it. */
  by: string;
}

/** Dumps in several files: each file that another one promises must be among the scanned. */
class Companions {
  readonly #sizes = new Map<string, number>();
  readonly #promised: Promised[] = [];

  /** A file that was scanned. */
  add(path: string, size: number, companions: ParsedDump['companions']): void {
    const [, folder = '', name = ''] = PATH.exec(path) ?? [];
    if (mayBeCompanion(name)) this.#sizes.set(path, size);
    for (const each of companions?.(name) ?? [])
      this.#promised.push({ ...each, path: folder + each.name, by: path });
  }

  /** Warnings about those that are missing, or have another size. To be called when all were scanned. */
  *lacking(): Generator<Warning & { path: string }> {
    for (const promised of this.#promised) {
      const size = this.#sizes.get(promised.path);
      if (size === undefined) yield missing(promised);
      else if (promised.sizes?.includes(size) === false) yield otherSize(promised, size, promised.sizes[0]!);
    }
  }
}

function missing({ path, by, holds }: Promised): Warning & { path: string } {
  const message = `${path} was not scanned: by ${by}, it has ${holds}`;
  const hint = 'scan the whole folder; if the file is lost, the dump is incomplete';
  return { ...warnings.of('companion-missing', { message, hint }), path };
}

function otherSize(
  { path, by, holds }: Promised,
  size: number,
  promised: number,
): Warning & { path: string } {
  const what = `it has ${size} bytes; by ${by}, ${promised} (${holds})`;
  const lacking = Math.max(0, promised - size);
  const message =
    lacking > 0 ? `${path} is cut: ${what}` : `${path}: ${what}, so that one of them is damaged`;
  const hint = 'get a complete copy of the folder';
  const range = lacking > 0 ? { offset: size, length: lacking } : {};
  return { ...warnings.of('companion-size', { message, hint, ...range }), path };
}

/** Effects in the order of a report. */
const EFFECTS: readonly LimitEffect[] = ['asked', 'likely', 'note', 'accepted'];

interface LimitPolicy {
  /** Names of `--accept-limits`. */
  accepted: ReadonlySet<string>;
  /** There are targets of `--find`. */
  hasTargets: boolean;
}

/**
 * The limits of an artifact, those with the strongest effect first. With targets, what every answer needs is
 * `asked`. No other limit of an accepted name has an effect.
 */
export function judgedLimits(limits: readonly Limit[], { accepted, hasTargets }: LimitPolicy): Limit[] {
  const judged = limits.map((limit): Limit => {
    if (limit.target === 'asked') return limit;
    if (hasTargets && factsOf(limit.search)?.answers) return { ...limit, target: 'asked' };
    return accepted.has(limit.search) ? { ...limit, accepted: true } : limit;
  });
  const rank = (limit: Limit): number => EFFECTS.indexOf(effectOfLimit(limit));
  return judged.sort((a, b) => rank(a) - rank(b));
}
