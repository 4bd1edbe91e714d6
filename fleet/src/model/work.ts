import type { StoredDump } from './dump.js';
import type { ScanResult } from './scan-result.js';

/** One dump to scan under one rule set. */
export interface Job {
  dump: StoredDump;
  /** Id of the job in its queue; that of the dump where there is no queue. */
  id: string;
}

/** What became of a job. */
export type Outcome =
  | { type: 'scanned'; result: ScanResult }
  /** Its content has a scan under these rules. */
  | { type: 'known'; sha256: string }
  /** The child that scanned it died. At the third time the dump is dead: not tried again. */
  | { type: 'crashed'; signal: string; message: string }
  /** It could not be read: a code, and whether a later attempt may succeed. */
  | { type: 'unreadable'; code: string; message: string; isTemporary: boolean }
  /** It was replaced since it was listed: to be listed anew. */
  | { type: 'replaced' };

export interface Settled {
  /** The dump is not taken again in this run. */
  isLast: boolean;
  /** It was given up after its third crash. */
  isDead: boolean;
}

/** Where jobs come from: dumps of the store without a scan, or a queue. */
export interface JobSource {
  /** At most `most` jobs, held until they are settled or given back; none if nothing is to do now. */
  take(most: number): Promise<readonly Job[]>;
  /** Says that these are still worked on. Called every third of the heartbeat. */
  touch(jobs: readonly Job[]): Promise<void>;
  /** Stores the outcome and ends the job, in one transaction, also if another was faster. */
  settle(job: Job, outcome: Outcome): Promise<Settled>;
  /** Nothing could be taken later either, and no worker holds a job. Asked when nothing was to be taken. */
  isDone(): Promise<boolean>;
  /** For others to take at once; no attempt is counted. */
  giveBack(jobs: readonly Job[]): Promise<void>;
  close(): Promise<void>;
}
