/** dumpsieve's public API: everything that the command line does, a library user can do. */

export { DumpsieveError, type Notice } from './base/runtime/errors.js';
export { checkRules, listRules, type Rule, type RuleCheck, type RuleOptions } from './check.js';
export { type CorpusCheck, checkCorpus, type LiteralCost, type RuleCost } from './corpus.js';
export { type RuleTest, type Step, testRule } from './explain.js';
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
} from './model/report.js';
export type { Manifest } from './redact/manifest/manifest.js';
export {
  type BacktraceCopy,
  type FilledCopy,
  type RedactOptions,
  type RedactProgress,
  type RedactResult,
  redact,
} from './redact.js';
export { type FolderCopy, type FolderOptions, redactFolder } from './redact-folder.js';
export { reporters } from './report/reporters.js';
export type { Reporter, ReporterFactory, ReportOptions } from './report/types.js';
export { type ScanOptions, type ScanProgress, scan, type Timings } from './scan.js';
export { type VerifyOptions, type VerifyResult, verify } from './verify.js';
export { type FolderVerification, type VerifyFolderOptions, verifyFolder } from './verify-folder.js';
