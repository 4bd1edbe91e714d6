import type { Format, ScanEvent } from '../../src/core/model/report.js';
import { reporters } from '../../src/report/reporters.js';
import type { ReporterOptions } from '../../src/report/types.js';

/** Output of a reporter for these events. */
export function render(
  format: string,
  events: readonly ScanEvent[],
  options: Partial<ReporterOptions> = {},
): string {
  const parts: string[] = [];
  const factory = reporters[format as Format];
  if (!factory) throw new Error(`no reporter ${format}`);
  const reporter = factory((text) => parts.push(text), { color: false, ...options });
  for (const event of events) reporter.event(event);
  reporter.end();
  return parts.join('');
}
