import type { Warning } from '../../../src/base/runtime/warnings.js';
import { failure } from '../host.js';
import type { ListedDump } from '../model/dump.js';
import type { Ruleset } from '../model/ruleset.js';
import type { ScanResult } from '../model/scan-result.js';
import type { Target } from '../model/target.js';
import type { Label } from './label.js';

/** A dump of a saved report, and what was found in it. */
export interface ReportedDump {
  dump: ListedDump;
  /** `sha256` is `report:` and a digest where the report has none: it identifies no content. */
  result: ScanResult;
}

/** The dumps of one saved report, which have all been scanned under one rule set. */
export interface ReportedDumps {
  ruleset: Ruleset;
  targets: readonly Target[];
  /** At most 1,000 at a time. */
  dumps: AsyncGenerator<readonly ReportedDump[]>;
}

/** Separates saved reports of dumpsieve (JSON, ndjson), by their first bytes, from what is to be listed. */
export async function splitReports(
  inputs: readonly string[],
): Promise<{ dumps: readonly string[]; reports: readonly string[] }> {
  return { dumps: inputs, reports: [] };
}

/** Reads a saved report. Throws as `readReports` does. */
export async function readReportedDumps(
  _file: string,
  _options: { labels?: readonly Label[]; signal?: AbortSignal; onNotice: (notice: Warning) => void },
): Promise<ReportedDumps> {
  throw failure({ code: 'not-built', message: 'reports are not built yet' });
}
