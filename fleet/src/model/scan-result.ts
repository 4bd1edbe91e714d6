import type { Confidence, FindStatus, Kind, Severity } from '../../../src/core/model/report.js';

/** The best place of a secret in a dump. All text is masked and escaped by the scan. */
export interface Place {
  /** Path inside the dump (`core.zst!core`) without the dump's own name; empty for the dump itself. */
  member: string;
  offset: number;
  length: number;
  /** Hexadecimal, 0x…. */
  address?: string;
  /** Kind and name of the memory there. */
  region?: string;
}

/** A secret in a dump: what a store may keep of it. */
export interface FoundSecret {
  /** `v1:…`; null if the budget of slow fingerprints was spent: then no question finds it by its value. */
  fingerprint: string | null;
  /** Public identity of a key, as a report has it. */
  spki?: string;
  ssh?: string;
  jwk?: string;
  kind: Kind;
  rule: string;
  title: string;
  severity: Severity;
  confidence: Confidence;
  /** Masked, as in the report. */
  preview: string;
  /** It fails the gate. */
  counts: boolean;
  occurrences: number;
  place: Place;
}

/** The answer of one scan for one target of its rule set. */
export interface TargetAnswer {
  /** Its digest. */
  target: string;
  status: FindStatus;
  /** Everything was read and searched: an absence is one. */
  complete: boolean;
  place?: Place;
}

/** What a scan of one dump has found: one row for each outer file; members are in the places. */
export interface ScanResult {
  /** Hexadecimal SHA-256 of the bytes that were scanned. */
  sha256: string;
  /** Digest of the rule set. */
  ruleset: string;
  /** Exit status of the report. */
  exit: 0 | 1 | 2;
  complete: boolean;
  bytes: number;
  seconds: number;
  /** Codes of what was not read or searched, each once. */
  limits: readonly string[];
  /** Of the dumped process, by the dump. */
  program?: string;
  pid?: number;
  buildId?: string;
  /** ISO 8601. */
  dumpedAt?: string;
  findings: readonly FoundSecret[];
  answers: readonly TargetAnswer[];
}
