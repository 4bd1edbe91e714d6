import { spawnSync } from 'node:child_process';
import { CONFIDENCES, type Confidence, SEVERITIES, type Severity } from '../../src/core/model/report.js';
import type { Report } from '../command/measure.js';
import type { Place } from './encodings.js';

/** How a place was found: not, at a lower level, or at severity and confidence medium and above. */
export type Outcome = 'missed' | 'low' | 'medium';

const isMedium = (severity: Severity, confidence: Confidence): boolean =>
  SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf('medium') &&
  CONFIDENCES.indexOf(confidence) >= CONFIDENCES.indexOf('medium');

/** Scans a file; the outcome for each place, by the findings that overlap it. */
export function outcomesOf(command: string, path: string, places: readonly Place[]): Outcome[] {
  const every = ['--format', 'json', '--exit-zero', '--min-confidence', 'low', '--fail-on', 'info'];
  const options = { encoding: 'utf8', maxBuffer: 2 ** 30, env: { PATH: process.env.PATH } } as const;
  const { stdout, stderr } = spawnSync(process.execPath, [command, 'scan', ...every, path], options);
  if (stdout === '') throw new Error(`${path}: ${stderr}`);
  const { findings }: Report = JSON.parse(stdout);
  const spans = findings.flatMap(({ severity, confidence, occurrences }) =>
    occurrences.map(({ offset, length }) => ({ offset, length, medium: isMedium(severity, confidence) })),
  );
  return places.map(({ offset, length }) => {
    const over = spans.filter((span) => span.offset < offset + length && offset < span.offset + span.length);
    return over.length === 0 ? 'missed' : over.some(({ medium }) => medium) ? 'medium' : 'low';
  });
}
