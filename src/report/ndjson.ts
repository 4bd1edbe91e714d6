import type { ScanEvent } from '../core/model/report.js';
import { bodyOf } from './layout.js';
import type { ReporterFactory } from './types.js';

/** One event a line. Without a summary the scan was aborted. */
export const ndjson: ReporterFactory = (write) => ({
  event(event: ScanEvent) {
    write(`${JSON.stringify({ type: event.type, ...bodyOf(event) })}\n`);
  },
  end() {},
});
