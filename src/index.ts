/** dumpsieve's public API: everything that the command line does, a library user can do. */

export { DumpsieveError, type Notice } from './errors.js';
export type {
  ArtifactReport,
  Confidence,
  Coverage,
  Finding,
  KeyFacts,
  Kind,
  Occurrence,
  Region,
  RunFacts,
  ScanEvent,
  Severity,
  Summary,
} from './model.js';
export { createReporter } from './report/reporters.js';
export { type ScanOptions, type ScanProgress, scan } from './scan.js';
