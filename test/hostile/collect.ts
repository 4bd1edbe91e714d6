import type { ArtifactReport, Finding, ScanOptions, Summary } from '../../src/index.js';
import { scan } from '../support/scan.js';

/** One scan's events by type. */
export interface Scanned {
  artifacts: ArtifactReport[];
  findings: Finding[];
  summary: Summary;
}

/** Scans through the library, in this process. */
export async function collect(options: ScanOptions): Promise<Scanned> {
  const artifacts: ArtifactReport[] = [];
  const findings: Finding[] = [];
  let summary: Summary | undefined;
  for await (const event of scan(options)) {
    if (event.type === 'artifact') artifacts.push(event);
    else if (event.type === 'finding') findings.push(event);
    else if (event.type === 'summary') summary = event;
  }
  if (summary === undefined) throw new Error('the scan ended without a summary');
  return { artifacts, findings, summary };
}
