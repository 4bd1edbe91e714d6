import type { Pausing } from '../../core/base/runtime/turns.js';
import type { Limit } from '../../core/limits/limit.js';
import type { Finding, Occurrence } from '../../core/model/report.js';

/** What a scan reads back from the fold. */
export interface FoldedFindings {
  /** Findings so far. */
  readonly size: number;
  has(id: string): boolean;
  /** True if a finding that counts lies in this artifact, as far as is known. */
  countsIn(artifact: number): Pausing<never, boolean>;
  /** The listed places of a `--find` target in one artifact; undefined if it was not found there. */
  placesOf(id: string, artifact: number): Occurrence[] | undefined;
  /** Findings that were counted but not listed, for the artifact's `coverage.limits`. */
  limits(artifact: number): Limit[];
  /**
   * Computes the slow fingerprints of what {@link findings} lists, on several threads. After an abort, those
   * that are missing are left out.
   */
  computeFingerprints(signal?: AbortSignal): Promise<void>;
  /** All findings in report order: those that count first, then by severity, confidence and place. */
  findings(): Pausing<Finding>;
}
