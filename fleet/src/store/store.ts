import type { ListCounts, ListedDump, StoredDump } from '../model/dump.js';
import type { Ruleset } from '../model/ruleset.js';
import type { ScanResult } from '../model/scan-result.js';
import type { Target } from '../model/target.js';
import type { Questions } from './questions.js';

/** Statements inside a transaction, for a queue that ends its job in the same one. */
export interface Transaction {
  executeSql(text: string, values: readonly unknown[]): Promise<{ rows: unknown[] }>;
}

/** Which dumps a piece of work is about. */
export interface WorkScope {
  /** Digest of the rule set. */
  ruleset: string;
  /** Content that has a scan under another rule set alone is scanned again. */
  rescan: boolean;
  /** Only dumps whose uri begins with one of these. */
  prefixes: readonly string[];
}

/** Work that is left: dumps without a scan, and their stored bytes. */
export interface Pending {
  dumps: number;
  bytes: number;
  /** Contents that have a scan under another rule set alone, copies counted once: what `rescan` adds. */
  otherRules: number;
  otherBytes: number;
  /** Of `dumps`: failed for now, and to be tried again later. */
  waiting: number;
}

/** Numbers of dumps that are not gone. */
export interface Verdict {
  /** Their scan has a finding that fails the gate. */
  withFindings: number;
  /** Their scan has not read and searched everything. */
  incomplete: number;
  /** Without a scan: to be scanned, failed or dead. */
  pending: number;
}

/** A failed attempt. `dead`: it is not tried again before `forget`. */
export interface Failure {
  crashes: number;
  dead: boolean;
}

/**
 * The memory of a hunt, in a file or on a server. Times are ISO 8601. Throws coded errors:
 * `store-unreachable` (exit 2) if it cannot be reached now, `store-damaged`, `store-newer`, `store-refused`.
 */
export interface Store {
  readonly kind: 'sqlite' | 'postgres';
  /** As shown: without a password. */
  readonly place: string;

  /** Remembers a rule set and its targets. */
  useRuleset(ruleset: Ruleset, targets: readonly Target[]): Promise<void>;

  /** Remembers what was listed, in one transaction. At most 1,000 at a time. */
  list(dumps: readonly ListedDump[], now: string): Promise<ListCounts>;
  /** Marks dumps below a prefix as gone that were last listed before a time. Returns their number. */
  markGone(prefix: string, before: string): Promise<number>;

  pending(scope: WorkScope): Promise<Pending>;
  /**
   * Holds dumps for a worker until a time: they have no scan, are not dead, and no other worker holds them. A
   * copy whose content is held or scanned is not among them. Small ones first. No prefixes: all dumps.
   * `after`: only those behind a dump in this order.
   */
  claim(
    scope: WorkScope,
    worker: string,
    until: string,
    most: number,
    after?: Pick<StoredDump, 'size' | 'id'>,
  ): Promise<readonly StoredDump[]>;
  /**
   * Dumps that a queue gets jobs for, in the order of their ids, from above one: those that `claim` would
   * give, held or not. At most 1,000.
   */
  waiting(scope: WorkScope, after: number, most: number): Promise<readonly StoredDump[]>;
  /**
   * Holds content while it is scanned: false if it is held, also by another child of this worker, or has a
   * scan. `dump`: the one whose bytes these are; `claim` gives no copy of it then, and `fail` and `release`
   * of the dump end the hold.
   */
  claimContent(
    sha256: string,
    ruleset: string,
    worker: string,
    until: string,
    dump?: StoredDump,
  ): Promise<boolean>;
  /** Holds all that a worker holds until a later time. */
  renew(worker: string, until: string): Promise<void>;
  /** Gives back dumps; without ids all that a worker holds. */
  release(worker: string, dumps?: readonly number[]): Promise<void>;
  /** Workers that hold dumps of a scope, or contents of such dumps. */
  holders(scope: WorkScope): Promise<readonly string[]>;
  dump(id: number): Promise<StoredDump | undefined>;
  byUri(uri: string): Promise<StoredDump | undefined>;
  /** What is known of the dumps below some prefixes: by scans under the rule set, else by the newest. */
  verdict(ruleset: string, prefixes: readonly string[]): Promise<Verdict>;
  /** Stored bytes in a second of a scan, by the last ones; undefined if there is none. */
  rate(): Promise<number | undefined>;
  /** Another dump has this size: its content may be the same. */
  hasSize(size: number, but: number): Promise<boolean>;
  isScanned(sha256: string, ruleset: string): Promise<boolean>;

  /** Connects a dump, in the version that was read, with content that has a scan. */
  link(dump: StoredDump, sha256: string, within?: (sql: Transaction) => Promise<void>): Promise<void>;
  /**
   * Stores a result and connects the dump with it, in one transaction, with what `within` does. It returns
   * false, and only connects, if there is a scan of this content under these rules already.
   */
  store(dump: StoredDump, result: ScanResult, within?: (sql: Transaction) => Promise<void>): Promise<boolean>;
  /** Counts an attempt that failed. Only crashes of the child count towards the third, which is the last. */
  fail(
    dump: StoredDump,
    ruleset: string,
    what: { isCrash: boolean; code: string; message: string; isTemporary: boolean },
    within?: (sql: Transaction, failure: Failure) => Promise<void>,
  ): Promise<Failure>;

  /** Questions to what was found. Closing them closes the store. */
  readonly questions: Questions;
  /**
   * Hexadecimal digest of all answers: dumps, scans, findings, answers of --find, failures. It depends on no
   * id, no time of a scan and no engine.
   */
  digest(): Promise<string>;
  /** What is wrong with the store's own structure; empty if nothing is. */
  check(): Promise<readonly string[]>;

  close(): Promise<void>;
}
