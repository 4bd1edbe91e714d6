import type { Notice } from '../../base/runtime/errors.js';
import type { ScanEvent } from '../../model/report.js';
import type { ScannerOptions, ScanProgress } from '../../options/scan-options.js';

/** A source as a child gets it: a path that it opens, or a name whose bytes come as frames (frames.ts). */
export type SentSource = { path: string | Uint8Array } | { name: string; mtime?: Date };

/** Messages to a child. */
export type ToChild =
  | { type: 'open'; options: ScannerOptions }
  | { type: 'scan'; source: SentSource; progress: boolean }
  | { type: 'abort'; reason: string | undefined }
  /** Number of events that the caller has read: a child sends at most {@link AHEAD} more. */
  | { type: 'taken'; count: number };

export type FromChild =
  | { type: 'opened' }
  /** Before anything of the source is read: an end before it has another cause. */
  | { type: 'started' }
  | { type: 'event'; event: ScanEvent }
  | { type: 'progress'; progress: ScanProgress }
  | { type: 'done' }
  /** `open` has failed, or a scan was refused. */
  | { type: 'failed'; notice: Notice; exit: 1 | 2 | 3 };

/** Events that may be on their way. */
export const AHEAD = 64;

/** File descriptor of a child's frames and of its last word. */
export const FRAMES = 3;
/** The last word of a child that has exceeded its memory. */
export const OUT_OF_MEMORY = 'm';
