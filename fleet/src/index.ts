/** What `dumpsieve hunt` does: a store of many dumps, and workers that fill it. It prints nothing. */

export { type Host, useHost } from './host.js';
export type {
  Asked,
  FoundIn,
  RepeatedSecret,
  ShownDump,
  TargetPresence,
} from './model/answers.js';
export type { ListCounts } from './model/dump.js';
export { type ForgetOptions, type ForgetResult, forget, forgetFailures } from './query/forget.js';
export { type QueryEnd, type QueryEvent, type QueryOptions, query } from './query/query.js';
export { ReportEvents } from './query/report-events.js';
export { type StatusOptions, type StatusResult, status } from './query/status.js';
export type { MigrateOptions, MigrateResult } from './store/migrate.js';
export type { FailedDump, Forgotten, Standing } from './store/questions.js';
export { add } from './work/add.js';
export { migrate } from './work/migrate.js';
export type {
  AddOptions,
  AddResult,
  Estimate,
  ObjectOptions,
  ObjectResult,
  Portion,
  ScanningOptions,
  WorkCounts,
  WorkNotice,
  WorkOptions,
  WorkProgress,
  WorkResult,
} from './work/options.js';
export { work } from './work/work.js';
export { workObject } from './work/work-object.js';
