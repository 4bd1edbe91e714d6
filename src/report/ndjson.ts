import type { ScanEvent } from '../model/report.js';
import { bodyOf } from './layout.js';
import type { ReporterFactory } from './types.js';

/** One event a line, as it comes; the absence of a summary means that the run was aborted. */
export const ndjson: ReporterFactory = (write) => ({
  event(event: ScanEvent) {
    write(`${JSON.stringify({ type: event.type, ...bodyOf(event) })}\n`);
  },
  end() {},
});
