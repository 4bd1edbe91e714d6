import type { ScanEvent } from '../../../src/core/model/report.js';
import { JoinedReport } from '../../../src/report/saved/joined.js';
import { ReportReader, type SavedReport } from '../../../src/report/saved/saved-report.js';
import { render } from '../render.js';

/** A report in a file, given in pieces of `piece` bytes. */
export function readBytes(bytes: Uint8Array, piece = 1 << 16): SavedReport {
  const reader = new ReportReader('saved.json');
  for (let at = 0; at < bytes.length; at += piece) reader.write(Buffer.from(bytes.subarray(at, at + piece)));
  return reader.end();
}

export const readText = (text: string, piece?: number): SavedReport => readBytes(Buffer.from(text), piece);

/** What a scan with these events saves, read again. */
export const saved = (events: readonly ScanEvent[], format: 'json' | 'ndjson' = 'json'): SavedReport =>
  readText(render(format, events));

export const joined = (...runs: (readonly ScanEvent[])[]): JoinedReport =>
  new JoinedReport(runs.map((events) => saved(events)));

/** The events of a report, without pauses. */
export const eventsOf = (report: JoinedReport): ScanEvent[] =>
  [...report.events()].filter((event) => event !== undefined);
