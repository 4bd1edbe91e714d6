import type { ScanEvent } from '../model/report.js';

export interface ReportOptions {
  color: boolean;
  /** Terminal columns, for pretty. */
  width?: number;
}

/** One row of the table of reporters: consumes the event stream, writes text. Bounded memory except where the format is one document. */
export interface Reporter {
  event(event: ScanEvent): void;
  /** Called once, after the last event or on abort (no summary was seen then). */
  end(): void;
}

export type ReporterFactory = (write: (text: string) => void, options: ReportOptions) => Reporter;
