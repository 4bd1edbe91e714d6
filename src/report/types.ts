import type { ScanEvent } from '../core/model/report.js';

export interface ReporterOptions {
  color: boolean;
  /** Columns of the terminal, for pretty. Without it lines are not broken: a pipe or a file. */
  width?: number;
  /** Pretty writes all it knows of each finding. */
  verbose?: boolean;
  /** The file to which the same report is written as JSON: pretty names it where it says how to see more. */
  saved?: string;
}

/** Consumes events and writes text, in bounded memory unless the totals precede the rest (JUnit). */
export interface Reporter {
  event(event: ScanEvent): void;
  /** Called once: after the last event, or after an abort (without a summary). */
  end(): void;
}

export type ReporterFactory = (write: (text: string) => void, options: ReporterOptions) => Reporter;
