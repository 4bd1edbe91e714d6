import type { Timings } from './stopwatch.js';
import type { LibraryOptions } from './table.js';

/** Bytes swept so far, bytes known so far, findings so far. */
export interface ScanProgress {
  bytes: number;
  total: number;
  findings: number;
}

/** Options of a scan. All but `paths` have the command line's defaults (src/core/options/table.ts). */
export interface ScanOptions extends LibraryOptions {
  /** Files, folders, globs, or `-` for standard input, as text or as bytes. Empty with `pid` alone. */
  paths: readonly (string | Uint8Array)[];
  /** Configuration file that these options come from: for the report alone. */
  configFile?: string;
  /** Where `-` reads from. Default: process.stdin. */
  stdin?: NodeJS.ReadableStream;
  /** Ends the scan with a partial report, which lists what was not read. */
  signal?: AbortSignal;
  onProgress?: (progress: ScanProgress) => void;
  /** Called once, at the end, with the time that each phase took. */
  onTimings?: (timings: Timings) => void;
}

/** Options of a scan that belong to no scanner: what is scanned, and for whom. */
const OF_SCAN = [
  'paths',
  'pid',
  'stdin',
  'signal',
  'onProgress',
  'onTimings',
  'configFile',
  'writeBaseline',
] as const;
type OfScan = (typeof OF_SCAN)[number];

/** Options of a scanner, for all its scans. They have the command line's defaults. */
export type ScannerOptions = Omit<ScanOptions, OfScan>;

/** When the process of a scan is ended. Without one there is no limit. */
export interface ChildLimits {
  /** For one source. */
  seconds?: number;
  /** Bytes of resident memory. */
  memory?: number;
  /** Whose permissions the child has, instead of those of this process; only root can choose. */
  user?: ChildUser;
}

/** A user and a group of this machine. */
export interface ChildUser {
  uid: number;
  gid: number;
}

/** The options that a scanner has not. */
export const SCAN_ONLY: ReadonlySet<string> = new Set(OF_SCAN);
