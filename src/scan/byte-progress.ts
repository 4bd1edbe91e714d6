import type { ScanProgress } from '../core/options/check-options.js';

/** Counts the bytes of a report for the caller. */
export class ByteProgress {
  readonly #now: ScanProgress = { bytes: 0, total: 0, findings: 0 };
  readonly #findings: () => number;
  readonly #report: ((progress: ScanProgress) => void) | undefined;

  constructor(findings: () => number, report: ((progress: ScanProgress) => void) | undefined) {
    this.#findings = findings;
    this.#report = report;
  }

  /** Adds the bytes of a file to the total. */
  expect(bytes: number): void {
    this.#now.total += bytes;
    this.advance(0);
  }

  advance(bytes: number): void {
    this.#now.bytes += bytes;
    this.#now.findings = this.#findings();
    this.#report?.({ ...this.#now });
  }
}
