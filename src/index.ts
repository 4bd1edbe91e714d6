/** dumpsieve's public API: everything that the command line does, a library user can do. */

export { checkRules, listRules, type Rule, type RuleCheck, type RuleOptions } from './check.js';
export { DumpsieveError, type Notice } from './errors.js';
export { fingerprints } from './fingerprint.js';
export { maskText } from './mask.js';
export type {
  ArtifactReport,
  Confidence,
  Coverage,
  Finding,
  FindReport,
  FindResult,
  FindStatus,
  KeyFacts,
  Kind,
  Occurrence,
  Region,
  RunFacts,
  ScanEvent,
  Severity,
  Summary,
} from './model.js';
export { reporters } from './report/reporters.js';
export type { Reporter, ReporterFactory, ReportOptions } from './report/types.js';
export { type ScanOptions, type ScanProgress, scan, type Timings } from './scan.js';
