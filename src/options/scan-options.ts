import type { Confidence, Kind, Severity } from '../model/report.js';
import type { Timings } from './stopwatch.js';

/** Bytes swept so far, bytes known so far, findings so far. */
export interface ScanProgress {
  bytes: number;
  total: number;
  findings: number;
}

/** Options of a scan; all but `paths` have the command line's defaults. */
export interface ScanOptions {
  /** Files, folders, globs, or `-` for standard input; bytes where a name is not UTF-8. */
  paths: readonly (string | Uint8Array)[];
  /** Folders of further rule files. */
  ruleFolders?: readonly string[];
  only?: readonly string[];
  /** Rules that must be asked for, used beside the others. */
  with?: readonly string[];
  skip?: readonly string[];
  onlySigning?: boolean;
  failOn?: Severity;
  failOnKind?: readonly Kind[];
  minConfidence?: Confidence;
  /** Baseline file: findings accepted before do not count. */
  baseline?: string;
  /** File for the next baseline, written when all findings are reported; not when the scan was stopped. */
  writeBaseline?: string;
  /** Files of keys and tokens that are known and do not count. */
  allow?: readonly string[];
  /** Files of keys and values: is any of them in there? Each is answered by a `find` event. */
  find?: readonly string[];
  /** Only what `find` asks for counts; implies `strict`. */
  expectAbsent?: boolean;
  /** SHA-256 of every artifact in its event. */
  hash?: boolean;
  /** Look for keys without a marker among runs of random-looking words. Default true. */
  entropyNet?: boolean;
  /** Search for bare numbers without a budget of work. */
  deep?: boolean;
  exitZero?: boolean;
  strict?: boolean;
  ifNoFiles?: 'error' | 'warn' | 'ignore';
  follow?: boolean;
  /** Threads that sweep: one worker, or the calling thread and one worker less; at most 256. Default: os.availableParallelism(). */
  jobs?: number;
  spoolDir?: string;
  /** Configuration file that these options come from: for the report alone. */
  configFile?: string;
  /** Where `-` reads from. Default: process.stdin. */
  stdin?: NodeJS.ReadableStream;
  /** Ends the scan with a partial report: what was not read is said. */
  signal?: AbortSignal;
  onProgress?: (progress: ScanProgress) => void;
  /** Told once, at the end: how long each phase took. */
  onTimings?: (timings: Timings) => void;
}
