/** dumpsieve's public API: everything that the command line does, a library user can do. */

export {
  addToBaseline,
  type ListedEntry,
  listBaseline,
  type NewEntry,
  pruneBaseline,
  removeFromBaseline,
} from './api/baseline.js';
export { checkRules, listRules, type Rule, type RuleCheck, type RuleOptions } from './api/check.js';
export { type CorpusCheck, checkCorpus, type LiteralCost, type RuleCost } from './api/corpus.js';
export { type RuleTest, type Step, testRule } from './api/explain.js';
export { fingerprints } from './api/fingerprint.js';
export {
  type InspectedPlace,
  type Inspection,
  type InspectOptions,
  type InspectResult,
  inspect,
} from './api/inspect.js';
export { maskText } from './api/mask.js';
export {
  type BacktraceCopy,
  type FilledCopy,
  type RedactOptions,
  type RedactProgress,
  type RedactResult,
  redact,
} from './api/redact.js';
export { type FolderCopy, type FolderOptions, redactFolder } from './api/redact-folder.js';
export { type ReportFiles, readReports, type SavedReports } from './api/report.js';
export {
  type OutputName,
  requireUnread,
  type ScanOptions,
  type ScanProgress,
  scan,
  type Timings,
} from './api/scan.js';
export {
  type ChildDescriptors,
  type ChildLimits,
  type ChildSource,
  compileGlob,
  type EachOptions,
  type FileOptions,
  type FoundFile,
  type GivenSource,
  listFiles,
  type NameTest,
  ScanChild,
  Scanner,
  type ScannerOptions,
  type SealedBytes,
  type SealedSource,
  type SourceInput,
} from './api/scanner.js';
export { readTargets, type Target, type TargetOptions } from './api/targets.js';
export { type VerifyOptions, type VerifyResult, verify } from './api/verify.js';
export { type FolderVerification, type VerifyFolderOptions, verifyFolder } from './api/verify-folder.js';
export { DumpsieveError, type Notice } from './core/base/runtime/errors.js';
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
} from './core/model/report.js';
export * from './guard.js';
export type { Manifest } from './redact/manifest/manifest.js';
export type { Explanation } from './report/explain/explanation.js';
export { explanationText } from './report/explain/text.js';
export { reporters } from './report/reporters.js';
export { changeReporters } from './report/saved/change-reporters.js';
export type { ChangeEvent } from './report/saved/changes.js';
export type { Reporter, ReporterFactory, ReporterOptions } from './report/types.js';
