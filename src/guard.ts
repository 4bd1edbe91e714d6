/** The guard's part of the public API. */

export { checkGuard, type GuardCheck, type GuardCheckOptions } from './guard/check/check.js';
export type { CheckRow } from './guard/check/key-checks.js';
export { type DumpList, type ListedDump, listDumps } from './guard/dump-list.js';
export type { LogHead } from './guard/log/head-files.js';
export { type LogVerification, type VerifyLogOptions, verifyLog } from './guard/log/verify-log.js';
export { loadPolicy, type Policy } from './guard/policy/policy.js';
export { type ReleasedDump, type ReleaseOptions, releaseDump } from './guard/release.js';
export { type WatchOptions, type WatchResult, watchDumps } from './guard/service.js';
