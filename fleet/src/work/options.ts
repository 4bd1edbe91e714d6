import type { ChildLimits, Notice, ScannerOptions } from '../../../src/index.js';
import type { ListCounts } from '../model/dump.js';

/** Options of whatever scans dumps into a store. */
export interface ScanningOptions {
  /** A file, or `postgres://…` without a password. */
  store: string;
  /** Rules, targets and effort of each scan. `hash` and `jobs` are decided by the work. */
  scanner?: ScannerOptions;
  /** Limits of one scan. Default of `memory`: 4 GiB. */
  limits?: Pick<ChildLimits, 'seconds' | 'memory'>;
  /** Scans at once, each in a process of its own. Default: one per processor, at most 16. */
  jobs?: number;
  /** Bytes of disk that dumps from elsewhere may take at once. Default: 20 GiB. */
  spoolMax?: number;
  /** Folder of the encrypted spool. Default: the system's folder for temporary files. */
  spoolDir?: string;
  /** Seconds after which dumps of a worker that says nothing are taken by others. At least 10; default 30. */
  heartbeat?: number;
  /** Seconds that scans under way have once `signal` is aborted. Default 10. */
  grace?: number;
  /** Buckets of another region may be read, which costs. */
  allowEgress?: boolean;
  /** File that gets the figures of the work in Prometheus' text format, at each heartbeat. */
  metrics?: string;
  /** Ends the work: no more dumps are taken, those that are not ready after `grace` are given back. */
  signal?: AbortSignal;
  onProgress?: (progress: WorkProgress) => void;
  /** What went wrong with a dump or the store, as it happens. At most 1,000 in a run. */
  onNotice?: (notice: WorkNotice) => void;
}

export interface WorkNotice extends Notice {
  /** URI of the dump. */
  dump?: string;
}

/** Done so far, and in all as far as it is known. */
export interface Portion {
  done: number;
  total: number;
}

export interface WorkProgress {
  dumps: Portion;
  /** Stored bytes. */
  bytes: Portion;
  /** Stored bytes a second, of the last minute. */
  rate: number;
  /** Undefined until there is a rate. */
  secondsLeft?: number;
  /** Dumps that could not be scanned: crashed or unreadable. */
  failed: number;
}

/** What a scan of dumps that were scanned under other rules would take. */
export interface Estimate {
  dumps: number;
  bytes: number;
  /** By the rate of earlier scans in the store; undefined if it has none. */
  seconds?: number;
}

export interface AddOptions extends ScanningOptions {
  /** Paths, globs, `s3://…`, `https://…`, `@list`, and reports as JSON. */
  paths: readonly string[];
  /** Patterns of --label: `host=dumps/{host}/*`. */
  labels?: readonly string[];
  /** Scans content again that was scanned under other rules. */
  rescan?: boolean;
  /** Dumps are listed and not scanned (`--no-scan`). */
  isListOnly?: boolean;
  /** Asked before a rescan. Default: goes on. */
  onEstimate?: (estimate: Estimate) => boolean | Promise<boolean>;
}

/** Numbers of dumps, by what became of them. */
export interface WorkCounts {
  /** Scanned, and stored. */
  scanned: number;
  /** Their content has a scan under these rules. */
  known: number;
  /** Of the scanned: with a secret that fails the gate. */
  withFindings: number;
  /** Of the scanned: not everything was read and searched. */
  incomplete: number;
  /** The process of the scan died, this time. */
  crashed: number;
  /** Given up after three deaths of the process. */
  dead: number;
  /** Could not be read. */
  unreadable: number;
  /** Replaced since they were listed. */
  replaced: number;
  /** Stored bytes of scanned dumps, and seconds of their scans. */
  bytes: number;
  seconds: number;
}

export interface WorkResult {
  /** 1: a scan has findings that fail the gate. 2: something was not read, failed, or is left to do. */
  exit: 0 | 1 | 2;
  counts: WorkCounts;
  /** Dumps without a scan now. */
  pending: number;
}

export interface AddResult extends WorkResult {
  listed: ListCounts & { gone: number };
  /** Dumps of reports among the paths. */
  reported: number;
  /** A rescan was declined by `onEstimate`. */
  isDeclined: boolean;
  /** Contents with scans by other rules or --find files alone, which only a rescan scans again. */
  otherRules: number;
}

export interface WorkOptions extends ScanningOptions {
  /** Ends when no job is queued and none is under way here, as a pod that was started for what is queued. */
  untilEmpty?: boolean;
}

/** One dump for any other engine. */
export interface ObjectOptions extends ScanningOptions {
  /** `s3://bucket/key`, `https://host/path`, or the path of a file. */
  url: string;
  labels?: readonly string[];
}

export interface ObjectResult {
  /** 0: its result is stored, now or before. 2: try again. 3: it cannot be scanned, ever. */
  exit: 0 | 2 | 3;
  counts: WorkCounts;
}
